// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/known_pictures.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>

#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"

namespace facesearch::service {
namespace {

// To see whether a person has a name already, at most so many of its persons are compared: a name that
// thousands of persons have must not cost each new face a pass over all of them.
constexpr std::size_t kMaxComparedPersons = 16;

std::uint64_t deleted_in(const Snapshot& snapshot) {
  return snapshot.next_slot() - snapshot.face_count();
}

}  // namespace

Sha256 digest_key(const CollectionRecord& collection) {
  if (collection.contents_key) return *collection.contents_key;
  // Collections of earlier versions have no key of their own: it is derived from their generation.
  constexpr std::string_view kUse = "facesearch contents";
  return hmac_sha256(collection.generation.bytes,
                     std::span(reinterpret_cast<const std::uint8_t*>(kUse.data()), kUse.size()));
}

Sha256 digest_of(const CollectionRecord& collection, const ProbeInput& input) {
  return keyed_digest(digest_key(collection), input);
}

Sha256 keyed_digest(Sha256 key, const ProbeInput& input) {
  if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(&input)) return hmac_sha256(key, *picture);
  // Under another key, so that no picture is taken for a template.
  key.front() ^= 1U;
  const Template& values = std::get<GivenTemplate>(input).values;
  return hmac_sha256(
      key, std::span(reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)));
}

Sha256 digest_of_face(const Sha256& picture, std::size_t rank, bool last) {
  const std::array<std::uint8_t, 3> number{static_cast<std::uint8_t>(rank),
                                           static_cast<std::uint8_t>(rank >> 8U),
                                           static_cast<std::uint8_t>(last ? 1 : 0)};
  static_assert(kMaxFacesOfPicture < 1U << 16U);
  return hmac_sha256(picture, number);
}

std::vector<Sha256> contents_of_face(const Sha256& picture, std::size_t rank, bool alone) {
  std::vector<Sha256> contents{digest_of_face(picture, rank, false), digest_of_face(picture, rank, true)};
  if (alone) contents.push_back(picture);
  return contents;
}

std::vector<Sha256> contents_of_probe(const Sha256& digest, const Probe& probe) {
  return contents_of_face(digest, probe.seen ? probe.seen->place : 0, true);
}

std::size_t hash_of(const std::string& name, const std::map<std::string, std::string>& metadata) {
  std::string all = composed(name);
  for (const auto& [key, value] : metadata) {
    for (const std::string* text : {&key, &value}) all += '\0' + *text;
  }
  return std::hash<std::string>{}(all);
}

std::uint64_t unknown_number(std::string_view name) {
  if (!name.starts_with(kUnknownName)) return 0;
  const char* end = name.data() + name.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(name.data() + kUnknownName.size(), end, number);
  return read.ec == std::errc{} && read.ptr == end && number <= kMostUnknown ? number : 0;
}

void KnownPictures::update(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (snapshot.switches() != switches_ || snapshot.changes() != changes_) {
    faces_.clear();
    names_.clear();
    last_unknown_ = 0;
    next_slot_ = 0;
    switches_ = snapshot.switches();
    changes_ = snapshot.changes();
    deleted_ = deleted_in(snapshot);
  }
  if (snapshot.next_slot() <= next_slot_) return;
  snapshot.visit_records(next_slot_, [this](const FaceRecord& face) { put(face); });
  next_slot_ = snapshot.next_slot();
}

void KnownPictures::add(const FaceRecord& face) {
  const std::lock_guard lock(mutex_);
  put(face);
}

// The last face of a digest counts: the ones before it had been deleted when it was enrolled.
void KnownPictures::put(const FaceRecord& face) {
  if (face.content)
    faces_.insert_or_assign(*face.content,
                            KnownFace{face.face, face.person, hash_of(face.name, face.metadata)});
  last_unknown_ = std::max(last_unknown_, unknown_number(face.name));
  if (!with_names_) return;
  std::vector<Uuid>& persons = names_[composed(face.name)];
  const auto first = std::span(persons).first(std::min(persons.size(), kMaxComparedPersons));
  if (std::ranges::find(first, face.person) == first.end()) persons.push_back(face.person);
}

std::optional<KnownFace> KnownPictures::find(const Sha256& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = faces_.find(digest);
  return found == faces_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<KnownFace> KnownPictures::find_whole(const Sha256& picture) const {
  std::vector<KnownFace> found;
  for (std::size_t rank = 0; rank < kMaxFacesOfPicture; ++rank) {
    if (const auto last = find(digest_of_face(picture, rank, true))) {
      found.push_back(*last);
      return found;
    }
    const auto next = find(digest_of_face(picture, rank, false));
    if (!next) break;
    found.push_back(*next);
  }
  return {};
}

std::uint64_t KnownPictures::last_unknown() const {
  const std::lock_guard lock(mutex_);
  return last_unknown_;
}

bool KnownPictures::none_deleted(const Snapshot& snapshot) const {
  const std::lock_guard lock(mutex_);
  return snapshot.switches() == switches_ && deleted_in(snapshot) == deleted_;
}

void KnownPictures::forget(const Sha256& digest, const Uuid& face) {
  const std::lock_guard lock(mutex_);
  const auto found = faces_.find(digest);
  if (found != faces_.end() && found->second.face == face) faces_.erase(found);
}

std::vector<Uuid> KnownPictures::two_persons(const std::string& name, const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(composed(name));
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
