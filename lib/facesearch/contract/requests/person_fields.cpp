// SPDX-License-Identifier: MIT
#include "facesearch/contract/requests/person_fields.hpp"

#include <utility>

#include <fmt/format.h>

#include "facesearch/contract/requests/raw_members.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::contract {
namespace {

std::string required_person(const RawRequest& raw) {
  std::string person = text_or_empty(raw, "metaFaceId");
  if (person.empty()) throw Error(Cause::kInvalidValue, "PERSON_REQUIRED", missing(raw, "metaFaceId"));
  return person;
}

std::optional<std::string> optional_name(const RawRequest& raw) {
  if (find(raw, "userName") == nullptr) return std::nullopt;
  return read_new_name(raw);
}

// How a name is compared: true for a prefix.
bool compares_prefix(const RawRequest& raw) {
  if (find(raw, "match") == nullptr) return false;
  const std::string match = text_or_empty(raw, "match");
  if (match != "exact" && match != "prefix") refuse_value(raw, "match", "is neither exact nor prefix");
  return match == "prefix";
}

std::optional<Timestamp> optional_time(const RawRequest& raw, std::string_view member) {
  if (find(raw, member) == nullptr) return std::nullopt;
  const auto time = parse_rfc3339(text_or_empty(raw, member));
  if (!time) refuse_value(raw, member, "is no time; write 2026-11-30, or 2026-11-30T12:00:00Z");
  return time;
}

}  // namespace

service::PersonListRequest read_person_list(const RawRequest& raw) {
  service::PersonListRequest request;
  request.collection_id = required_collection(raw);
  request.filter.name = optional_name(raw);
  request.filter.prefix = compares_prefix(raw);
  request.filter.ignore_case = optional_flag(raw, "ignoreCase");
  request.filter.since = optional_time(raw, "since");
  constexpr double kMostFaces = 1e12;
  request.filter.faces_min = optional_number(raw, "facesMin", kMostFaces).value_or(1);
  if (find(raw, "after") != nullptr) {
    request.after = Uuid::parse(text_or_empty(raw, "after"));
    if (!request.after) refuse_value(raw, "after", "is not the `next` of the page before");
  }
  const auto most = static_cast<double>(kMaxPersonsPerPage);
  request.limit = optional_number(raw, "limit", most).value_or(kPersonsPerPage);
  return request;
}

service::PersonRequest read_person(const RawRequest& raw) {
  service::PersonRequest request;
  request.collection_id = required_collection(raw);
  request.person = required_person(raw);
  return request;
}

std::string read_new_name(const RawRequest& raw) {
  std::string name = text_or_empty(raw, "userName");
  if (name.empty()) throw Error(Cause::kInvalidValue, "USER_NAME_REQUIRED", missing(raw, "userName"));
  require_utf8(name, called(raw, "userName"));
  if (name.size() > kMaxNameBytes) {
    throw Error(
        Cause::kInvalidValue, "USER_NAME_TOO_LONG",
        fmt::format("{} has {} bytes, the limit is {}", called(raw, "userName"), name.size(), kMaxNameBytes));
  }
  return name;
}

service::PersonMergeRequest read_person_merge(const RawRequest& raw) {
  service::PersonMergeRequest request;
  request.collection_id = required_collection(raw);
  request.persons = optional_texts(raw, "metaFaceIds");
  if (request.persons.size() < 2) {
    throw Error(Cause::kInvalidValue, "PERSON_REQUIRED",
                fmt::format("{} names fewer than two persons; the first stays, the others become it",
                            called(raw, "metaFaceIds")));
  }
  return request;
}

service::PersonSplitRequest read_person_split(const RawRequest& raw) {
  service::PersonSplitRequest request;
  request.collection_id = required_collection(raw);
  request.faces = optional_texts(raw, "faceIds");
  if (request.faces.empty()) throw Error(Cause::kFaceIdRequired, "", missing(raw, "faceIds"));
  request.name = optional_name(raw);
  return request;
}

service::FaceMoveRequest read_face_move(const RawRequest& raw) {
  service::FaceMoveRequest request;
  request.collection_id = required_collection(raw);
  request.face = required_text(raw, "faceId", Cause::kFaceIdRequired);
  request.person = required_person(raw);
  return request;
}

service::MetadataRequest read_face_set(RawRequest raw) {
  service::MetadataRequest request;
  request.collection_id = required_collection(raw);
  request.face = required_text(raw, "faceId", Cause::kFaceIdRequired);
  request.unset = optional_texts(raw, "unset");
  const bool sets = find(raw, "metadata") != nullptr;
  if (!sets && request.unset.empty()) {
    refuse_value(raw, "metadata",
                 fmt::format("is missing, and so is {}: nothing would change", called(raw, "unset")));
  }
  request.set = optional_metadata(raw, Cause::kInvalidValue);
  return request;
}

}  // namespace facesearch::contract
