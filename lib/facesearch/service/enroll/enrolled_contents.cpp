// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enrolled_contents.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace facesearch::service {

// Collections that were made before there was one have a key of their generation.
Sha256 contents_key(const CollectionRecord& collection) {
  if (collection.contents_key) return *collection.contents_key;
  constexpr std::string_view kUse = "facesearch contents";
  return hmac_sha256(collection.generation.bytes,
                     std::span(reinterpret_cast<const std::uint8_t*>(kUse.data()), kUse.size()));
}

namespace {

// So many of a name's persons are looked through for one who comes again: a name that many persons have, as
// where names are unknown, must not cost each of its faces a look at all of them.
constexpr std::size_t kLookedThrough = 16;

std::uint64_t erased_in(const Snapshot& snapshot) {
  return snapshot.next_slot() - snapshot.face_count();
}

}  // namespace

Sha256 content_of(const CollectionRecord& collection, const ProbeInput& input) {
  return keyed_digest(contents_key(collection), input);
}

Sha256 keyed_digest(Sha256 key, const ProbeInput& input) {
  if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(&input)) return hmac_sha256(key, *picture);
  // Under another key, so that no picture is taken for a template.
  key.front() ^= 1U;
  const Template& values = std::get<GivenTemplate>(input).values;
  return hmac_sha256(
      key, std::span(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)));
}

void Contents::take_in(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (snapshot.switches() != switches_) {
    faces_.clear();
    names_.clear();
    next_slot_ = 0;
    switches_ = snapshot.switches();
    erased_ = erased_in(snapshot);
  }
  if (snapshot.next_slot() <= next_slot_) return;
  snapshot.visit_records(next_slot_, [this](const FaceRecord& face) { put(face); });
  next_slot_ = snapshot.next_slot();
}

void Contents::add(const FaceRecord& face) {
  const std::lock_guard lock(mutex_);
  put(face);
}

// The last one counts: what came before it under the same content was erased by then.
void Contents::put(const FaceRecord& face) {
  if (face.content) faces_.insert_or_assign(*face.content, FaceOf{face.face, face.person});
  if (!with_names_) return;
  std::vector<Uuid>& persons = names_[face.name];
  const auto first = std::span(persons).first(std::min(persons.size(), kLookedThrough));
  if (std::ranges::find(first, face.person) == first.end()) persons.push_back(face.person);
}

std::optional<FaceOf> Contents::find(const Sha256& content) const {
  const std::lock_guard lock(mutex_);
  const auto found = faces_.find(content);
  return found == faces_.end() ? std::nullopt : std::optional(found->second);
}

bool Contents::is_whole(const Snapshot& snapshot) const {
  const std::lock_guard lock(mutex_);
  return snapshot.switches() == switches_ && erased_in(snapshot) == erased_;
}

void Contents::forget(const Sha256& content, const Uuid& face) {
  const std::lock_guard lock(mutex_);
  const auto found = faces_.find(content);
  if (found != faces_.end() && found->second.face == face) faces_.erase(found);
}

std::vector<Uuid> Contents::two_persons(const std::string& name, const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end()) return {};
  std::vector<Uuid>& persons = found->second;
  std::vector<Uuid> two;
  while (two.size() < 2 && two.size() < persons.size()) {
    Uuid& next = persons[two.size()];
    if (std::ranges::find(two, next) == two.end() && snapshot.has_person(next)) {
      two.push_back(next);
    } else {
      next = persons.back();
      persons.pop_back();
    }
  }
  return two;
}

}  // namespace facesearch::service
