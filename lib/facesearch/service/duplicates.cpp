// SPDX-License-Identifier: MIT
#include "facesearch/service/duplicates.hpp"

#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/gallery_search.hpp"

namespace facesearch::service {

std::optional<Candidate> DuplicateCheck::check_all(const Snapshot& snapshot, Kernel kernel) const {
  if (collection_.policy.duplicates == Duplicates::kAllow) return std::nullopt;
  GalleryQuery query{values_, threshold(), 1};
  if (person_) query.left_out = snapshot.slots_of(*person_);
  return judge(search_gallery(snapshot, std::move(query), kernel).candidates);
}

std::optional<Candidate> DuplicateCheck::check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                                     const std::optional<Candidate>& so_far) const {
  if (collection_.policy.duplicates == Duplicates::kAllow) return std::nullopt;
  TopCandidates top(threshold(), 1);
  if (so_far) top.offer(so_far->face, so_far->cosine);
  snapshot.scan(first_slot, [&](const TemplateRow& row) {
    if (row.person != person_) top.offer(row.face, exact_cosine(values_, row.values));
  });
  return judge(top.take());
}

std::string DuplicateCheck::describe(const Candidate& duplicate) const {
  return fmt::format(
      "face {} of this collection is alike (similarity {:.2f}, the threshold is {})", duplicate.face.text(),
      similarity_of_cosine(collection_.binding.calibration, duplicate.cosine), collection_.policy.similarity);
}

double DuplicateCheck::threshold() const {
  return cosine_of_similarity(collection_.binding.calibration, collection_.policy.similarity);
}

std::optional<Candidate> DuplicateCheck::judge(const std::vector<Candidate>& found) const {
  if (found.empty()) return std::nullopt;
  if (collection_.policy.duplicates == Duplicates::kReject) {
    throw Error(Cause::kRefused, "DUPLICATE_FACE", describe(found.front()));
  }
  return found.front();
}

void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person) {
  if (!person || snapshot.has_person(*person)) return;
  throw Error(Cause::kRefused, "PERSON_NOT_FOUND",
              "no face of this person is enrolled here; leave metaFaceId out to enrol a new person");
}

}  // namespace facesearch::service
