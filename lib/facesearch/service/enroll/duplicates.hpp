// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// Finds the face most alike among other people's, and says or refuses it as the policy wants. Borrows
/// collection and values.
class DuplicateCheck {
 public:
  DuplicateCheck(const CollectionRecord& collection, const Template& values, std::optional<Uuid> person)
      : collection_(collection), values_(values), person_(person) {}

  /// First, in all the gallery: the most alike of each of many, if any reaches the threshold, by one reading
  /// of the gallery for up to 256 of them.
  static std::vector<std::optional<Candidate>> most_alike(std::span<const DuplicateCheck> checks,
                                                          const Snapshot& snapshot, Kernel kernel);

  /// The same for one, judged.
  std::optional<Candidate> check_all(const Snapshot& snapshot, Kernel kernel) const;

  /// Gives back what was found; throws Error(kRefused, DUPLICATE_FACE) if there is one and the policy rejects
  /// it.
  std::optional<Candidate> judge(std::optional<Candidate> found) const;

  /// Then among what was found and what has come since, judged.
  std::optional<Candidate> check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                       const std::optional<Candidate>& so_far) const;

  std::string describe(const Candidate& duplicate) const;

  /// The least cosine of a duplicate.
  double threshold() const;

 private:
  const CollectionRecord& collection_;
  const Template& values_;
  std::optional<Uuid> person_;
};

/// Throws Error(kRefused, PERSON_NOT_FOUND) if there is to be a person and none of their faces is there.
void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person);

}  // namespace facesearch::service
