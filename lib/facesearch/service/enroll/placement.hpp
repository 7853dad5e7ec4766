// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"

namespace facesearch::service {

/// Where an input belongs: to a face that is there, or to a person.
struct Placement {
  std::optional<KnownFace> already;
  std::optional<Uuid>
      person;  ///< who is enrolled, or whom an earlier input of the group makes; none: a new one
};

/// Places the inputs of one group, one after the other: each sees what those before it added.
class Placer {
 public:
  Placer(KnownPictures& known, bool one_person_per_name)
      : known_(known), one_person_per_name_(one_person_per_name) {}

  /// Throws Error(kRefused) with PERSON_NOT_FOUND or NAME_AMBIGUOUS.
  Placement place(const EnrollRequest& request, const Sha256& digest, const Snapshot& view) const;

  /// The live face that was enrolled from this before.
  std::optional<KnownFace> find(const Sha256& digest, const Snapshot& view) const;

  /// The live faces that were enrolled from a picture of so many faces before, each for itself or one alone.
  std::vector<KnownFace> find_in_picture(const Sha256& picture, std::size_t faces,
                                         const Snapshot& view) const;

  void add(const std::string& name, const Sha256& digest, const KnownFace& face);

 private:
  std::optional<Uuid> person_of_name(const std::string& name, const Snapshot& view) const;

  KnownPictures& known_;
  const bool one_person_per_name_;
  std::map<Sha256, KnownFace> faces_;
  std::map<std::string, Uuid> persons_;
};

}  // namespace facesearch::service
