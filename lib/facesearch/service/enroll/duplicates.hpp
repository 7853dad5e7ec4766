// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/search/gallery_search.hpp"
#include "facesearch/store/store.hpp"

/// Duplicates of a template that is to be enrolled: the most alike face of another person, if it reaches the
/// collection's threshold. Found in two steps, so that a writer is alone with the collection for a moment
/// only: most_alike() searches the whole gallery beside other writers, check_added() compares, within the
/// write, with what was added since.
namespace facesearch::service {

/// The collection's threshold: from it on faces are alike.
double min_cosine_of(const CollectionRecord& collection);

/// The best match of each query, if it has one, by one reading of the gallery for up to 256 of them.
std::vector<std::optional<Candidate>> best_matches(const Snapshot& snapshot,
                                                   std::span<const GalleryQuery> queries,
                                                   const ScanWork& work);

/// Borrows collection and values.
class DuplicateCheck {
 public:
  /// Faces of `person` are no duplicates, nor those of persons whom the template was decided not to be.
  DuplicateCheck(const CollectionRecord& collection, const Template& values,
                 const std::optional<Uuid>& person, std::vector<Uuid> ruled_out = {})
      : collection_(collection), values_(values), left_out_(std::move(ruled_out)) {
    if (person) left_out_.push_back(*person);
  }

  /// The duplicate of each of these templates for one collection, by one reading of the gallery for up to 256
  /// of them. None where the policy allows duplicates.
  static std::vector<std::optional<Candidate>> most_alike(std::span<const DuplicateCheck> checks,
                                                          const Snapshot& snapshot, const ScanWork& work);

  /// The duplicate among what was found before and the slots from `first_slot` on, judged.
  std::optional<Candidate> check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                       const std::optional<Candidate>& so_far) const;

  /// Returns `found`; throws Error(kRefused, DUPLICATE_FACE) if there is one and the policy rejects it.
  std::optional<Candidate> judge(std::optional<Candidate> found) const;

  std::string describe(const Candidate& duplicate) const;

  /// True if the collection has a provisional calibration.
  bool is_provisional() const { return collection_.binding.calibration.provisional; }

 private:
  bool allowed() const { return collection_.policy.duplicates == Duplicates::kAllow; }
  double min_cosine() const { return min_cosine_of(collection_); }

  const CollectionRecord& collection_;
  const Template& values_;
  std::vector<Uuid> left_out_;  // persons
};

/// Throws Error(kRefused, PERSON_NOT_FOUND) if a person is named and none of their faces is there.
void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person);

}  // namespace facesearch::service
