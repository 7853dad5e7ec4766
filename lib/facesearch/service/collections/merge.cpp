// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/merge.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"

namespace facesearch::service {
namespace {

// A source collection, as it was at one moment.
struct MergeSource {
  std::unique_ptr<Collection> collection;
  std::unique_ptr<Snapshot> snapshot;
  std::uint64_t first = 0;  // the first of its slots in the numbering of all sources
  bool with_contents = true;
  bool has_contents = false;
  std::vector<Uuid> left_out{};  // sorted
};

using SourceIndex = std::uint32_t;

struct Known {
  Uuid face;
  SourceIndex source = 0;

  auto operator<=>(const Known&) const = default;  // NOLINT(modernize-use-nullptr): see Uuid
};

struct KnownContent {
  Sha256 content{};
  SourceIndex source = 0;
  Uuid face;

  auto operator<=>(const KnownContent&) const = default;  // NOLINT(modernize-use-nullptr): see Uuid
};

struct Duplicate {
  MergeDuplicate::Reason reason{};
  Known face;
  Known other;

  auto operator<=>(const Duplicate&) const = default;  // NOLINT(modernize-use-nullptr): see Uuid
};

// One merge.
// 1. survey() reads all ids, leaves out copies and ids that are deleted anywhere, and finds pictures that
// were enrolled twice.
// 2. beginning() shows the store the faces that are left, in one numbering of slots.
class Merging {
 public:
  Merging(Store& store, const Caller& caller, const MergeRequest& request) : request_(request) {
    auto galleries = open_galleries(store, caller, request.collections);
    require_one_model(galleries);
    std::uint64_t slots = 0;
    for (auto& gallery : galleries) {
      MergeSource source;
      source.snapshot = gallery->snapshot();
      source.collection = std::move(gallery);
      source.first = slots;
      slots += source.snapshot->next_slot();
      sources_.push_back(std::move(source));
    }
    const Sha256 key = digest_key(record_of(0));
    for (MergeSource& source : sources_)
      source.with_contents = digest_key(source.collection->record()) == key;
  }

  // Finds the ids and pictures that several collections have.
  void survey() {
    std::size_t faces = 0;
    for (const MergeSource& source : sources_) faces += source.snapshot->face_count();
    known_.reserve(faces);
    for (SourceIndex i = 0; i < sources_.size(); ++i) read_ids(i);
    std::ranges::sort(known_);
    std::ranges::sort(erased_);
    leave_out_copies();
    for (MergeSource& source : sources_) std::ranges::sort(source.left_out);
    find_same_pictures();
  }

  CollectionRecord record() const {
    const CollectionRecord& first = record_of(0);
    CollectionRecord record = first;
    record.id = request_.to;
    record.generation = Uuid::make();
    record.created = now();
    record.sealed = std::ranges::any_of(
        sources_, [](const MergeSource& source) { return source.collection->record().sealed; });
    record.contents_key = digest_key(first);
    return record;
  }

  Beginning beginning() {
    Beginning beginning;
    beginning.count = faces();
    beginning.faces = [this](std::uint64_t first_slot, const TakeFace& take) { show(first_slot, take); };
    for (const Known& erased : erased_) {
      if (beginning.erased.empty() || beginning.erased.back() != erased.face) {
        beginning.erased.push_back(erased.face);
      }
    }
    beginning.decisions = decisions();
    return beginning;
  }

  MergeResult result() {
    MergeResult result;
    result.collection_id = request_.to;
    result.faces = faces();
    result.duplicates_total = duplicates_.size();
    const std::size_t listed = std::min(duplicates_.size(), kMostListed);
    std::ranges::partial_sort(duplicates_,
                              std::next(duplicates_.begin(), static_cast<std::ptrdiff_t>(listed)));
    for (std::size_t i = 0; i < listed; ++i) {
      const Duplicate& duplicate = duplicates_[i];
      result.duplicates.push_back({duplicate.reason, named(duplicate.face), named(duplicate.other)});
    }
    result.warnings = warnings();
    return result;
  }

 private:
  const CollectionRecord& record_of(SourceIndex i) const { return sources_[i].collection->record(); }

  MergedFace named(const Known& known) const { return {known.face, record_of(known.source).id}; }

  void read_ids(SourceIndex i) {
    MergeSource& source = sources_[i];
    source.snapshot->visit_records(0, [&](const FaceRecord& face) {
      known_.push_back({face.face, i});
      if (!face.content) return;
      source.has_contents = true;
      if (source.with_contents) contents_.push_back({*face.content, i, face.face});
    });
    for (const Uuid& face : source.snapshot->erased()) erased_.push_back({face, i});
  }

  void leave_out(MergeDuplicate::Reason reason, const Known& face, const Known& other) {
    sources_[face.source].left_out.push_back(face.face);
    duplicates_.push_back({reason, face, other});
  }

  void leave_out_copies() {
    auto erased = erased_.begin();
    for (auto first = known_.begin(); first != known_.end();) {
      const auto end =
          std::find_if(first, known_.end(), [&](const Known& other) { return other.face != first->face; });
      while (erased != erased_.end() && erased->face < first->face) ++erased;
      const bool is_erased = erased != erased_.end() && erased->face == first->face;
      if (is_erased) leave_out(MergeDuplicate::Reason::kErased, *first, *erased);
      for (auto copy = std::next(first); copy != end; ++copy) {
        if (is_erased) {
          leave_out(MergeDuplicate::Reason::kErased, *copy, *erased);
        } else {
          leave_out(MergeDuplicate::Reason::kSameFace, *copy, *first);
        }
      }
      first = end;
    }
  }

  bool is_left_out(const Known& face) const {
    return std::ranges::binary_search(sources_[face.source].left_out, face.face);
  }

  void find_same_pictures() {
    std::erase_if(contents_, [&](const KnownContent& content) {
      return is_left_out({content.face, content.source});
    });
    std::ranges::sort(contents_);
    const KnownContent* first = nullptr;
    for (const KnownContent& next : contents_) {
      if (first != nullptr && first->content == next.content) {
        if (first->source == next.source) continue;
        duplicates_.push_back(
            {MergeDuplicate::Reason::kSamePicture, {next.face, next.source}, {first->face, first->source}});
      } else {
        first = &next;
      }
    }
  }

  std::uint64_t faces() const {
    std::uint64_t left_out = 0;
    for (const MergeSource& source : sources_) left_out += source.left_out.size();
    return known_.size() - left_out;
  }

  // Those of all sources, each once. Throws as require_decisions().
  std::vector<Decision> decisions() const {
    std::vector<Decision> all;
    std::set<std::tuple<Decision::Kind, Uuid, Uuid>> known;
    for (const MergeSource& source : sources_) {
      for (Decision decision : source.snapshot->decisions()) {
        if (!source.with_contents) decision.content.reset();
        if (!known.emplace(decision.kind, decision.face, decision.person).second) continue;
        all.push_back(std::move(decision));
      }
    }
    require_decisions(all.size());
    return all;
  }

  // How many deleted faces are known to the new collection by nothing any more.
  std::size_t decisions_lost() const {
    std::size_t lost = 0;
    for (const MergeSource& source : sources_) {
      if (source.with_contents) continue;
      for (const Decision& decision : source.snapshot->decisions()) {
        if (decision.content && decision.values.empty()) ++lost;
      }
    }
    return lost;
  }

  // See ShowFaces.
  void show(std::uint64_t first_slot, const TakeFace& take) {
    // Called again from the same slot: the map had to grow.
    if (first_slot == begun_at_) written_ = written_before_;
    begun_at_ = first_slot;
    written_before_ = written_;
    const std::uint64_t total = faces();
    bool more = true;
    for (SourceIndex i = 0; i < sources_.size() && more; ++i) {
      const MergeSource& source = sources_[i];
      const std::uint64_t slots = source.snapshot->next_slot();
      if (first_slot >= source.first + slots) continue;
      const std::uint64_t from = first_slot > source.first ? first_slot - source.first : 0;
      source.snapshot->show_faces(
          from, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
            if (is_left_out({face.face, i})) return true;
            more = take(source.first + slot, record_for(source, face), values);
            if (more && request_.progress) request_.progress(++written_, total);
            return more;
          });
    }
  }

  static FaceRecord record_for(const MergeSource& source, FaceRecord face) {
    if (!source.with_contents) face.content.reset();
    return face;
  }

  // The id of the first collection for which `is_so` holds; empty if there is none.
  template <class Question>
  std::string first_where(Question&& is_so) const {
    const auto found = std::ranges::find_if(sources_, is_so);
    return found == sources_.end() ? std::string{} : found->collection->record().id;
  }

  std::vector<Warning> warnings() const {
    std::vector<Warning> warnings;
    const CollectionRecord& first = record_of(0);
    const std::string calibrated = first_where(
        [&](const MergeSource& source) { return !same_scores(source.collection->record(), first); });
    if (!calibrated.empty()) {
      warnings.push_back(
          {"CALIBRATIONS_DIFFER",
           fmt::format("the new collection has the calibration of '{}'; '{}' has another one, so its "
                       "scores change",
                       first.id, calibrated)});
    }
    const std::string policed = first_where(
        [&](const MergeSource& source) { return !(source.collection->record().policy == first.policy); });
    if (!policed.empty()) {
      warnings.push_back({"POLICIES_DIFFER",
                          fmt::format("the policy is that of '{}', and '{}' has another one; change it with "
                                      "`facesearch collection update`",
                                      first.id, policed)});
    }
    const std::string unknown =
        first_where([](const MergeSource& source) { return source.has_contents && !source.with_contents; });
    if (!unknown.empty()) {
      warnings.push_back({"CONTENTS_LEFT_OUT",
                          fmt::format("batches do not know the pictures of '{}' in the new collection and "
                                      "would enrol them once more: it knew them by another key than '{}'",
                                      unknown, first.id)});
    }
    if (const std::size_t lost = decisions_lost(); lost > 0) {
      warnings.push_back({"DECISIONS_LEFT_OUT",
                          fmt::format("{} deleted faces are not to be enrolled again, and the new collection "
                                      "cannot know their pictures: it has the key of '{}'",
                                      lost, first.id)});
    }
    return warnings;
  }

  const MergeRequest& request_;
  std::vector<MergeSource> sources_;
  std::vector<Known> known_;
  std::vector<Known> erased_;
  std::vector<KnownContent> contents_;
  std::vector<Duplicate> duplicates_;
  std::uint64_t written_ = 0;
  std::uint64_t written_before_ = 0;
  std::uint64_t begun_at_ = 0;
};

}  // namespace

MergeResult merge_collections(Context& context, const Caller& caller, const MergeRequest& request) {
  if (!is_collection_id(request.to)) refuse_collection_id();
  require_collection(caller, request.to);
  Merging merging(context.store, caller, request);
  if (context.store.state(request.to) == CollectionState::kLive) {
    throw Error(Cause::kCollectionExists, "", fmt::format("there is a collection '{}' already", request.to));
  }
  merging.survey();
  context.store.create_with(merging.record(), merging.beginning());
  return merging.result();
}

}  // namespace facesearch::service
