// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/every_face.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/face/pipeline/detection_passes.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/service/enroll/duplicates.hpp"
#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/service/search/gallery_search.hpp"

namespace facesearch::service {
namespace {

// One picture in the transaction of its group.
class PictureWriter {
 public:
  PictureWriter(WriteTransaction& transaction, const PictureFaces& faces, GroupState& group)
      : transaction_(transaction), faces_(faces), group_(group) {}

  EnrollResult write() {
    EnrollResult result;
    auto& all = result.faces.emplace();
    known_ = group_.placer.find_in_picture(faces_.digest, faces_.picture.faces.size(), transaction_);
    for (std::size_t i = 0; i < faces_.picture.faces.size(); ++i) {
      const ProbedFace& face = faces_.picture.faces[i];
      EnrolledFace& made = all.emplace_back();
      made.seen = face.probe.seen;
      made.liveness = face.probe.liveness;
      made.refused = face.refused;
      if (!made.refused) enroll(i, face.probe, made);
    }
    const auto main = std::ranges::find_if(all, [](const EnrolledFace& face) { return !face.refused; });
    if (main == all.end()) throw Error(*all.front().refused);
    result.face = main->face;
    result.person = main->person;
    result.probe.seen = main->seen;
    result.probe.liveness = main->liveness;
    result.warnings = warnings_of(faces_.picture);
    result.provisional = group_.collection.binding.calibration.provisional;
    warn_of_differences(all, result.warnings);
    result.already_enrolled = std::ranges::all_of(
        all, [](const EnrolledFace& face) { return face.refused || face.outcome == FaceOutcome::kAlready; });
    return result;
  }

 private:
  void enroll(std::size_t index, const Probe& probe, EnrolledFace& made) {
    const Sha256 digest = next_digest();
    if (const auto known = take_known(probe)) {
      take(*known, FaceOutcome::kAlready, made);
      const auto& asked = faces_.request.metadata;
      metadata_differs_ = metadata_differs_ || (!asked.empty() && known->metadata != asked);
      return;
    }
    const std::optional<Error> deleted = deleted_before(index, rank_ - 1, probe);
    if (deleted) {
      made.refused = deleted;
      return;
    }
    const auto alike = find_match(index, probe);
    const auto match = alike ? transaction_.find_face(alike->face) : std::nullopt;
    if (match) {
      made.similarity = similarity_of_cosine(group_.collection.binding.calibration, alike->cosine);
      take(*match, FaceOutcome::kMatched, made);
      if (!faces_.request.join) return;
      FaceRecord face = new_face(faces_.request, match->person);
      face.name = match->name;
      add(face, digest, probe);
      group_.joined.push_back(face.face);
      take(face, FaceOutcome::kJoined, made);
      return;
    }
    if (probe.seen && probe.seen->face.score < kSureFace) {
      made.refused =
          Error(Cause::kRefused, "FACE_UNCERTAIN",
                fmt::format("the detector's score of the face is {:.2f}; a new person needs {}: send a "
                            "picture where the face is larger or clearer",
                            probe.seen->face.score, kSureFace));
      return;
    }
    FaceRecord face = new_face(faces_.request, std::nullopt);
    if (!has_name(index)) face.name = next_name(face.person);
    add(face, digest, probe);
    take(face, FaceOutcome::kNew, made);
  }

  // Why the face is not to be enrolled again; none: it may be.
  std::optional<Error> deleted_before(std::size_t index, std::size_t rank, const Probe& probe) const {
    try {
      const bool alone = index == faces_.picture.alone;
      group_.deleted.require_none(
          probe.values, [&] { return contents_of_face(faces_.digest, rank, alone); },
          min_cosine_of(group_.collection));
      return std::nullopt;
    } catch (const Error& error) {
      return error;
    }
  }

  Sha256 next_digest() {
    const auto ranks = static_cast<std::size_t>(
        std::ranges::count_if(faces_.picture.faces, [](const ProbedFace& face) { return !face.refused; }));
    const std::size_t rank = rank_++;
    return digest_of_face(faces_.digest, rank, rank + 1 == ranks);
  }

  // The face that was enrolled from this very picture before: the most alike, and each once. Ranks do not
  // tell: another policy or detector ranks faces otherwise.
  std::optional<FaceRecord> take_known(const Probe& probe) {
    auto best = known_.end();
    double most = min_cosine_of(group_.collection);
    for (auto at = known_.begin(); at != known_.end(); ++at) {
      const auto values = transaction_.find_template(at->face);
      const double cosine = values ? exact_cosine(probe.values, *values) : -1;
      if (cosine < most) continue;
      most = cosine;
      best = at;
    }
    if (best == known_.end()) return std::nullopt;
    const Uuid face = best->face;
    known_.erase(best);
    return transaction_.find_face(face);
  }

  // `unknown-N`; where the numbers are used up, the person's id in its place.
  std::string next_name(const Uuid& person) {
    if (group_.last_unknown >= kMostUnknown) return fmt::format("{}{}", kUnknownName, person.text());
    return fmt::format("{}{}", kUnknownName, ++group_.last_unknown);
  }

  // The best match in the snapshot, if it is still there, or among what was added since.
  std::optional<Candidate> find_match(std::size_t index, const Probe& probe) const {
    TopCandidates top(min_cosine_of(group_.collection), 1);
    const auto& before = faces_.alike.at(index);
    const std::vector<Uuid> ruled_out = group_.ruled_out.of(probe.values);
    if (before && transaction_.find_face(before->face)) top.offer(before->face, before->cosine);
    transaction_.scan(group_.first_slot, [&](const TemplateRow& row) {
      if (std::ranges::find(ruled_out, row.person) != ruled_out.end()) return;
      top.offer(row.face, exact_cosine(probe.values, row.values));
    });
    const std::vector<Candidate> found = top.take();
    return found.empty() ? std::nullopt : std::optional(found.front());
  }

  void add(FaceRecord& face, const Sha256& digest, const Probe& probe) {
    face.content = digest;
    transaction_.add(face, probe.values);
    group_.placer.add(face.name, digest, {face.face, face.person, hash_of(face.name, face.metadata)});
    group_.added.push_back(face);
  }

  static void take(const FaceRecord& record, FaceOutcome outcome, EnrolledFace& made) {
    made.outcome = outcome;
    made.face = record.face;
    made.person = record.person;
    made.name = record.name;
  }

  // The name of a request is that of the picture's one face.
  bool has_name(std::size_t index) const {
    return index == 0 && faces_.picture.counted == 1 && !faces_.request.user_name.empty();
  }

  void warn_of_differences(const std::vector<EnrolledFace>& all, std::vector<Warning>& warnings) const {
    if (metadata_differs_)
      warnings.push_back({"METADATA_DIFFERS", "a face of the picture is enrolled with other metadata"});
    const std::string& name = faces_.request.user_name;
    if (name.empty()) return;
    if (faces_.picture.counted > 1) {
      warnings.push_back(
          {"NAME_NOT_USED",
           fmt::format("{} faces count in the picture: none got the given name", faces_.picture.counted)});
    } else if (!all.front().refused && composed(all.front().name) != composed(name)) {
      warnings.push_back({"NAME_DIFFERS", "the face is that of a person with another name"});
    }
  }

  WriteTransaction& transaction_;
  const PictureFaces& faces_;
  GroupState& group_;
  std::vector<KnownFace> known_;  // that were enrolled from this picture before, and are not taken yet
  std::size_t rank_ = 0;          // of the next face
  bool metadata_differs_ = false;
};

}  // namespace

void find_alike(std::map<std::size_t, PictureFaces>& pictures, const CollectionRecord& collection,
                const Snapshot& snapshot, const ScanWork& work) {
  const double min_cosine = min_cosine_of(collection);
  const RuledOutPersons persons(snapshot);
  std::deque<std::vector<std::uint64_t>> left_out;  // which keeps addresses
  std::vector<GalleryQuery> queries;
  for (const auto& [input, faces] : pictures) {
    for (const ProbedFace& face : faces.picture.faces) {
      if (face.refused) continue;
      queries.push_back({face.probe.values, min_cosine, 1});
      const std::vector<Uuid> ruled_out = persons.of(face.probe.values);
      if (ruled_out.empty()) continue;
      queries.back().left_out = left_out.emplace_back(slots_of_all(snapshot, ruled_out));
    }
  }
  const auto found = best_matches(snapshot, queries, work);
  auto next = found.begin();
  for (auto& [input, faces] : pictures) {
    faces.alike.clear();
    for (const ProbedFace& face : faces.picture.faces) {
      faces.alike.push_back(face.refused ? std::nullopt : *next++);
    }
  }
}

bool is_alike(const Snapshot& view, const Uuid& face, const Template& values,
              const CollectionRecord& collection) {
  const auto enrolled = view.find_template(face);
  return enrolled && exact_cosine(values, *enrolled) >= min_cosine_of(collection);
}

EnrollResult enroll_faces(WriteTransaction& transaction, const PictureFaces& faces, GroupState& group) {
  return PictureWriter(transaction, faces, group).write();
}

}  // namespace facesearch::service
