// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/service/persons/persons.hpp"

/// Changes of persons. Each is one durable transaction: all of it or nothing. The ids of faces stay. Persons
/// that are not there are Error(kInvalidValue, PERSON_NOT_FOUND); faces Error(kFaceGone), (kFaceUnknown).
namespace facesearch::service {

/// Gives all faces of a person this name.
Person rename_person(Context& context, const Caller& caller, const PersonRequest& request,
                     const std::string& name);

struct PersonMergeRequest {
  std::string collection_id;
  std::vector<std::string> persons;  ///< the first stays, with its name; its id is that of all their faces
};

/// Throws Error(kInvalidValue) with PERSONS_MISSING for fewer than two, PERSON_NAMED_TWICE.
Person merge_persons(Context& context, const Caller& caller, const PersonMergeRequest& request);

struct PersonSplitRequest {
  std::string collection_id;
  std::vector<std::string> faces;   ///< of one person, not all of it
  std::optional<std::string> name;  ///< none: they keep theirs
};

/// Makes a new person of faces. Throws Error(kInvalidValue) with FACES_OF_SEVERAL_PERSONS, WHOLE_PERSON.
Person split_person(Context& context, const Caller& caller, const PersonSplitRequest& request);

struct FaceMoveRequest {
  std::string collection_id;
  std::string face;
  std::string person;
};

/// Makes a face one of another person, with that person's name. That it is already changes nothing.
Person move_face(Context& context, const Caller& caller, const FaceMoveRequest& request);

/// A live face, by its id's text. Throws Error(kFaceGone), (kFaceUnknown).
FaceRecord live_face(const Snapshot& snapshot, const std::string& text);

struct PersonDeleteRequest {
  std::string collection_id;
  std::string person;
  bool purge = false;                      ///< no byte of the faces is left
  Remember remember = Remember::kNothing;  ///< they are not to be enrolled again
};

/// Deletes all faces of a person and returns their number; all of it or nothing. Throws as not_again(),
/// Error(kInvalidValue, PURGE_KEEPS_NO_TEMPLATE), Error(kInvalidValue, MIGRATION_UNCONFIRMED) while a former
/// side is kept: faces that the migration left out would come back with it.
std::uint64_t delete_person(Context& context, const Caller& caller, const PersonDeleteRequest& request);

/// Throws Error(kInvalidValue, PURGE_KEEPS_NO_TEMPLATE) if a template is to be kept of what is purged.
void require_purge_keeps_none(bool purge, Remember remember);

struct MetadataRequest {
  std::string collection_id;
  std::string face;
  std::map<std::string, std::string> set;
  std::vector<std::string> unset;  ///< keys to remove; one that is not there changes nothing
};

/// Throws Error(kInvalidValue, METADATA_INVALID) if there would be too much of it.
FaceRecord change_metadata(Context& context, const Caller& caller, const MetadataRequest& request);

}  // namespace facesearch::service
