// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/persons/persons.hpp"

/// Photographs that are far from the others of their person, as a wrong enrolment is. Which they are is the
/// rule of person_mean.hpp: what is not in its person's mean, and was not left out by anybody.
namespace facesearch::service {

/// Which of the faces, that were added to others of their persons, are not in their persons' means; rising.
/// None in a collection that is matched by face, and none where the store cannot be read now.
std::vector<Uuid> unlike_faces(const Collection& collection, std::span<const Uuid> faces);

/// FACE_UNLIKE_PERSON of such a face.
Warning unlike_person(const Uuid& face);

struct UnlikeFace {
  Uuid face;
  double similarity = 0;  ///< 0–100, to the mean of the person's others
};

/// A person with faces that are far from its others.
struct UnlikePerson {
  Person person;
  bool mixed = false;  ///< no more than half of its faces agree: they may be of several people
  std::vector<UnlikeFace> faces;
};

struct PeopleReport {
  std::uint64_t persons = 0;  ///< that have two faces and more
  std::uint64_t unlike_total = 0;
  std::vector<UnlikePerson> unlike;  ///< the first kMostListed, by their ids
};

/// Reads every template of persons with several faces, whether the collection is matched by person or not.
PeopleReport check_people(Context& context, const Caller& caller, const std::string& collection);

struct FaceLeaveOutRequest {
  std::string collection_id;
  std::string face;
  bool withdraw = false;  ///< the face counts again
};

/// Decides that a face does not count in its person's mean; a search by person compares with it alone. Throws
/// Error(kFaceGone), (kFaceUnknown); Error(kInvalidValue) with NOT_DECIDED if there is nothing to take back,
/// TOO_MANY_DECISIONS. Returns the face's person.
Person leave_face_out(Context& context, const Caller& caller, const FaceLeaveOutRequest& request);

}  // namespace facesearch::service
