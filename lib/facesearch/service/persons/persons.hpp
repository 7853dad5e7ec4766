// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/limits.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

struct Person {
  Uuid id;
  std::string name;  ///< of the face that was enrolled first
  std::uint64_t faces = 0;
  Timestamp first = 0;         ///< when the first of its faces was enrolled
  Timestamp last = 0;          ///< when the last one was
  bool several_names = false;  ///< its faces have more than one
};

/// Which persons are listed. All of what is given must hold.
struct PersonFilter {
  std::optional<std::string> name;  ///< a face of the person has it; compared in Unicode's normal form C
  bool prefix = false;              ///< … or a name that begins with it
  bool ignore_case = false;         ///< … whatever case and accents
  std::optional<Timestamp> since;   ///< a face was enrolled then or later
  std::uint64_t faces_min = 1;

  bool needs_records() const { return name || since; }
};

struct PersonListRequest {
  std::string collection_id;
  PersonFilter filter;
  std::optional<Uuid> after;            ///< the last person of the page before
  std::size_t limit = kPersonsPerPage;  ///< 1 … kMaxPersonsPerPage
};

struct PersonListResult {
  std::string collection_id;
  std::vector<Person> persons;  ///< in the order of their ids: that of their making, to the millisecond
  std::optional<Uuid> next;     ///< `after` of the next page; none: this is the last
};

/// A page of persons. Reads 32 bytes a face of the collection; with a filter that needs them, every record.
/// Throws Error(kInvalidValue, LIMIT_INVALID).
PersonListResult list_persons(Context& context, const Caller& caller, const PersonListRequest& request);

struct PersonRequest {
  std::string collection_id;
  std::string person;  ///< any text: a text that is no UUID is no person
};

struct PersonDetails {
  std::string collection_id;
  Person person;
  std::vector<FaceRecord> faces;                ///< in the order they were enrolled
  std::vector<std::vector<float>> templates{};  ///< of the faces, where they were asked for
  std::string fingerprint{};                    ///< of the pack that made those
};

/// A person with all faces. Throws Error(kInvalidValue, PERSON_NOT_FOUND).
PersonDetails show_person(Context& context, const Caller& caller, const PersonRequest& request);

/// The same with the templates: all that the collection keeps of a person. The caller sees to it that the key
/// may have templates.
PersonDetails export_person(Context& context, const Caller& caller, const PersonRequest& request);

/// The id in a text. Throws Error(kInvalidValue, PERSON_NOT_FOUND).
Uuid person_of(const std::string& text);

/// The faces of a person in the order of their slots. Throws as person_of if there are none.
std::vector<FaceRecord> faces_of(const Snapshot& snapshot, const Uuid& person);

/// What is said of a person that has these faces, at least one.
Person described(const std::vector<FaceRecord>& faces);

}  // namespace facesearch::service
