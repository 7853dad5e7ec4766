// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/service/persons/persons.hpp"

/// Documents about persons, written as those of response.hpp. The public API has no such calls. A person is
/// `{meta_face_id, user_name, faces, first_time, last_time}`, with `several_names` where its faces differ.
namespace facesearch::contract {

/// `{"message":"success","collectionId":…,"result":[person …],"next":…}`; `next` is null on the last page.
std::string to_json(const service::PersonListResult& result);

/// `{"message":"success","collectionId":…,"person":…,"faces":[{face_id, user_name, create_time,
/// meta_face_id, metadata}]}`; with templates each face has `template`, and the document `fingerprint`.
std::string to_json(const service::PersonDetails& details);

/// `{"message":"success","person":…}`
std::string person_changed_json(const service::Person& person);

/// `{"message":"success","face":…}`
std::string face_changed_json(const FaceRecord& face);

/// `{"message":"Success","faces":n,"erased":false}`; with `"remembered":true` where they are.
std::string person_deleted_json(std::uint64_t faces, bool erased, bool remembered);

/// `{"message":"success","collectionId":…,"result":[{decision, face_id, meta_face_id, decision_time, by}]}`;
/// `decision` is `not_this_person`; `not_again`, which has `by` in the place of `meta_face_id`; or
/// `not_in_mean`, which has neither.
std::string to_json(const service::DecisionList& list);

/// `{"message":"success"}`
std::string face_readmitted_json();

}  // namespace facesearch::contract
