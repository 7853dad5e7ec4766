// SPDX-License-Identifier: MIT
// Persons have no records of their own: a page of them is found by one pass over the ids of all faces, which
// keeps the lowest ids after the last page. Filters on names and times read all records.
#include "facesearch/service/persons/persons.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {
namespace {

using Slots = std::map<Uuid, std::vector<std::uint64_t>>;

[[noreturn]] void refuse_missing_person(const std::string& why) {
  throw Error(Cause::kInvalidValue, "PERSON_NOT_FOUND", why);
}

// The first half of an id as a number: the order of ids, but for those that have it in common.
std::uint64_t leading(const Uuid& id) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8U | id.bytes.at(i);
  return value;
}

// The lowest `count` persons after `after` in some of the blocks, with the slots of their faces. A person
// that is dropped for lower ones cannot come back: so the slots of those that stay are complete.
class LowestPersons {
 public:
  LowestPersons(const Uuid& after, std::size_t count) : after_(after), count_(count) {}

  void add(const FaceIds& ids) {
    if (leading(ids.person) > bound_ || ids.person <= after_) return;
    const bool full = slots_.size() == count_;
    if (full && std::prev(slots_.end())->first < ids.person) return;
    const auto [place, is_new] = slots_.try_emplace(ids.person);
    place->second.push_back(ids.slot);
    if (is_new && full) slots_.erase(std::prev(slots_.end()));
    if (slots_.size() == count_) bound_ = leading(std::prev(slots_.end())->first);
  }

  // Of all blocks, from what each thread has of its own.
  static Slots united(const std::deque<LowestPersons>& parts, std::size_t count) {
    Slots all;
    for (const LowestPersons& part : parts) {
      for (const auto& [person, slots] : part.slots_) {
        auto& of_person = all[person];
        of_person.insert(of_person.end(), slots.begin(), slots.end());
      }
    }
    while (all.size() > count) all.erase(std::prev(all.end()));
    for (auto& [person, slots] : all) std::ranges::sort(slots);
    return all;
  }

 private:
  Uuid after_;
  std::size_t count_;
  Slots slots_;
  std::uint64_t bound_ = std::numeric_limits<std::uint64_t>::max();  // of the highest, once there are enough
};

Slots lowest_persons(const Snapshot& snapshot, const Uuid& after, std::size_t count) {
  // A thread takes as long to start as a few blocks to be read.
  constexpr std::uint64_t kBlocksAThread = 64;
  const std::uint64_t blocks = snapshot.id_blocks();
  const std::size_t threads = std::min<std::uint64_t>(available_processors(), blocks / kBlocksAThread + 1);
  std::mutex mutex;                 // guards the number of parts
  std::deque<LowestPersons> parts;  // one a thread
  parallel_for(blocks, threads, [&] {
    const std::lock_guard lock(mutex);
    LowestPersons& lowest = parts.emplace_back(after, count);
    return [&lowest, reader = snapshot.id_reader()](std::size_t block) {
      for (const FaceIds& ids : reader->read(block)) lowest.add(ids);
    };
  });
  return LowestPersons::united(parts, count);
}

class NameFilter {
 public:
  explicit NameFilter(const PersonFilter& filter) : filter_(filter) {
    if (filter.name) wanted_ = comparable(*filter.name);
  }

  bool accepts(const std::string& name) const {
    if (!filter_.name) return true;
    const std::string given = comparable(name);
    return filter_.prefix ? given.starts_with(wanted_) : given == wanted_;
  }

 private:
  std::string comparable(const std::string& name) const {
    return filter_.ignore_case ? folded(name) : composed(name);
  }

  const PersonFilter& filter_;
  std::string wanted_;
};

struct Last8Bytes {
  std::size_t operator()(const Uuid& id) const {
    // The last bytes of an id are random.
    std::size_t value = 0;
    for (std::size_t i = 8; i < id.bytes.size(); ++i) value = value << 8U | id.bytes.at(i);
    return value;
  }
};

// The persons that pass the filter, in the order of ids: at most `count`.
std::vector<Uuid> passing_persons(const Snapshot& snapshot, const PersonFilter& filter, const Uuid& after,
                                  std::size_t count) {
  struct Seen {
    std::uint64_t faces = 0;
    bool name = false;
    bool since = false;
  };
  std::unordered_map<Uuid, Seen, Last8Bytes> all;
  if (filter.needs_records()) {
    const NameFilter names(filter);
    snapshot.visit_records(0, [&](const FaceRecord& face) {
      if (face.person <= after) return;
      Seen& seen = all[face.person];
      ++seen.faces;
      seen.name = seen.name || names.accepts(face.name);
      seen.since = seen.since || !filter.since || face.created >= *filter.since;
    });
  } else {
    snapshot.visit_ids(0, [&](std::span<const FaceIds> block) {
      for (const FaceIds& ids : block) {
        if (ids.person <= after) continue;
        Seen& seen = all[ids.person];
        ++seen.faces;
        seen.name = seen.since = true;
      }
      return true;
    });
  }
  std::vector<Uuid> passing;
  for (const auto& [person, seen] : all) {
    if (seen.name && seen.since && seen.faces >= filter.faces_min) passing.push_back(person);
  }
  const auto end = passing.begin() + static_cast<std::ptrdiff_t>(std::min(count, passing.size()));
  std::ranges::partial_sort(passing, end);
  passing.erase(end, passing.end());
  return passing;
}

std::vector<FaceRecord> records_in(const Snapshot& snapshot, const std::vector<std::uint64_t>& slots) {
  std::vector<FaceRecord> faces;
  snapshot.visit_faces(slots, [&](const FaceRecord& face) { faces.push_back(face); });
  return faces;
}

PersonDetails details_of(const CollectionRecord& collection, const Snapshot& snapshot, const Uuid& person) {
  PersonDetails details;
  details.collection_id = collection.id;
  details.faces = faces_of(snapshot, person);
  details.person = described(details.faces);
  return details;
}

}  // namespace

Uuid person_of(const std::string& text) {
  const auto person = Uuid::parse(text);
  if (!person)
    refuse_missing_person(
        "what was given is no person id: those are UUIDs, as `person find NAME` shows them");
  return *person;
}

std::vector<FaceRecord> faces_of(const Snapshot& snapshot, const Uuid& person) {
  std::vector<FaceRecord> faces = records_in(snapshot, snapshot.slots_of(person));
  if (faces.empty())
    refuse_missing_person(
        fmt::format("no face of the person {} is enrolled in the collection", person.text()));
  return faces;
}

Person described(const std::vector<FaceRecord>& faces) {
  Person person;
  person.id = faces.front().person;
  person.name = faces.front().name;
  person.faces = faces.size();
  person.first = std::numeric_limits<Timestamp>::max();
  for (const FaceRecord& face : faces) {
    person.first = std::min(person.first, face.created);
    person.last = std::max(person.last, face.created);
    person.several_names = person.several_names || face.name != person.name;
  }
  return person;
}

PersonListResult list_persons(Context& context, const Caller& caller, const PersonListRequest& request) {
  if (request.limit < 1 || request.limit > kMaxPersonsPerPage) {
    throw Error(Cause::kInvalidValue, "LIMIT_INVALID",
                fmt::format("the limit is {}; it goes from 1 to {}", request.limit, kMaxPersonsPerPage));
  }
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const auto snapshot = gallery->snapshot();
  const Uuid after = request.after.value_or(Uuid{});
  const PersonFilter& filter = request.filter;
  // One more shows whether there is a next page.
  const std::size_t count = request.limit + 1;
  Slots slots;
  if (!filter.needs_records() && filter.faces_min <= 1) {
    slots = lowest_persons(*snapshot, after, count);
  } else {
    const auto passing = passing_persons(*snapshot, filter, after, count);
    const auto all = snapshot->slots_of(passing);
    for (std::size_t i = 0; i < passing.size(); ++i) slots.emplace(passing[i], all[i]);
  }
  PersonListResult result;
  result.collection_id = request.collection_id;
  for (const auto& [person, of_person] : slots) {
    if (result.persons.size() == request.limit) {
      result.next = result.persons.back().id;
      break;
    }
    result.persons.push_back(described(records_in(*snapshot, of_person)));
  }
  return result;
}

PersonDetails show_person(Context& context, const Caller& caller, const PersonRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  return details_of(gallery->record(), *gallery->snapshot(), person_of(request.person));
}

PersonDetails export_person(Context& context, const Caller& caller, const PersonRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const auto snapshot = gallery->snapshot();
  PersonDetails details = details_of(gallery->record(), *snapshot, person_of(request.person));
  for (const FaceRecord& face : details.faces) {
    details.templates.push_back(snapshot->find_template(face.face).value());  // one snapshot has both
  }
  details.fingerprint = gallery->record().binding.fingerprint;
  return details;
}

}  // namespace facesearch::service
