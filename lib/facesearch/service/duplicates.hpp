// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/kernel.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// Finds the face most alike among other people's, and says or refuses it as the policy wants. Borrows
/// collection and values.
class DuplicateCheck {
 public:
  DuplicateCheck(const CollectionRecord& collection, const Template& values, std::optional<Uuid> person)
      : collection_(collection), values_(values), person_(person) {}

  // Each answers the most alike, if any reaches the threshold, and throws Error(kRefused, DUPLICATE_FACE) if
  // there is one and the policy rejects it.

  /// First, in all the gallery.
  std::optional<Candidate> check_all(const Snapshot& snapshot, Kernel kernel) const;

  /// Then among what was found and what has come since.
  std::optional<Candidate> check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                       const std::optional<Candidate>& so_far) const;

  std::string describe(const Candidate& duplicate) const;

  /// The least cosine of a duplicate.
  double threshold() const;

 private:
  std::optional<Candidate> judge(const std::vector<Candidate>& found) const;

  const CollectionRecord& collection_;
  const Template& values_;
  std::optional<Uuid> person_;
};

/// Throws Error(kRefused, PERSON_NOT_FOUND) if there is to be a person and none of their faces is there.
void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person);

}  // namespace facesearch::service
