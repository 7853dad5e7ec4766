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
  return read_person_name(raw);
}

// The members that every request about one face has.
template <class Request>
Request about_a_face(const RawRequest& raw) {
  Request request;
  request.collection_id = required_collection(raw);
  request.face = required_text(raw, "faceId", Cause::kFaceIdRequired);
  return request;
}

// How a name is compared: true for a prefix.
bool compares_prefix(const RawRequest& raw) {
  if (find(raw, "match") == nullptr) return false;
  const std::string match = text_or_empty(raw, "match");
  if (match != "exact" && match != "prefix") refuse_value(raw, "match", "exact or prefix");
  return match == "prefix";
}

// How a name is compared says nothing without one.
void require_name_beside(const RawRequest& raw, const service::PersonFilter& filter) {
  if (filter.name || !(filter.prefix || filter.ignore_case)) return;
  throw Error(Cause::kInvalidValue, "USER_NAME_REQUIRED",
              fmt::format("{} says how a name is compared, and {} is missing",
                          called(raw, filter.prefix ? "match" : "ignoreCase"), called(raw, "userName")));
}

std::optional<Timestamp> optional_time(const RawRequest& raw, std::string_view member) {
  if (find(raw, member) == nullptr) return std::nullopt;
  const auto time = parse_rfc3339(text_or_empty(raw, member));
  if (!time) refuse_value(raw, member, "a time, for example 2026-11-30 or 2026-11-30T12:00:00Z");
  return time;
}

}  // namespace

service::PersonListRequest read_person_list(const RawRequest& raw) {
  service::PersonListRequest request;
  request.collection_id = required_collection(raw);
  request.filter.name = optional_name(raw);
  request.filter.prefix = compares_prefix(raw);
  request.filter.ignore_case = optional_flag(raw, "ignoreCase");
  require_name_beside(raw, request.filter);
  request.filter.since = optional_time(raw, "since");
  constexpr double kMostFaces = 1e12;
  request.filter.faces_min = optional_number(raw, "facesMin", kMostFaces).value_or(1);
  if (find(raw, "after") != nullptr) {
    request.after = Uuid::parse(text_or_empty(raw, "after"));
    if (!request.after) refuse_value(raw, "after", "the `next` of the page before");
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

std::string read_person_name(const RawRequest& raw) {
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
    throw Error(Cause::kInvalidValue, "PERSONS_MISSING",
                fmt::format("{}: {} given, two at least are needed; the first stays, the others become it",
                            called(raw, "metaFaceIds"), request.persons.size()));
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

service::Remember read_remember(const RawRequest& raw) {
  if (optional_flag(raw, "rememberTemplate")) return service::Remember::kPictureAndTemplate;
  return optional_flag(raw, "rememberDeleted") ? service::Remember::kPicture : service::Remember::kNothing;
}

service::PersonDeleteRequest read_person_delete(const RawRequest& raw) {
  service::PersonDeleteRequest request;
  request.collection_id = required_collection(raw);
  request.person = required_person(raw);
  request.remember = read_remember(raw);
  return request;
}

service::FaceRejectRequest read_face_reject(const RawRequest& raw) {
  auto request = about_a_face<service::FaceRejectRequest>(raw);
  request.person = required_person(raw);
  request.withdraw = optional_flag(raw, "withdraw");
  return request;
}

service::FaceLeaveOutRequest read_face_leave_out(const RawRequest& raw) {
  auto request = about_a_face<service::FaceLeaveOutRequest>(raw);
  request.withdraw = optional_flag(raw, "withdraw");
  return request;
}

service::FaceReadmitRequest read_face_readmit(const RawRequest& raw) {
  return about_a_face<service::FaceReadmitRequest>(raw);
}

service::FaceMoveRequest read_face_move(const RawRequest& raw) {
  auto request = about_a_face<service::FaceMoveRequest>(raw);
  request.person = required_person(raw);
  return request;
}

service::MetadataRequest read_face_set(RawRequest raw) {
  auto request = about_a_face<service::MetadataRequest>(raw);
  request.unset = optional_texts(raw, "unset");
  const bool sets = find(raw, "metadata") != nullptr;
  if (!sets && request.unset.empty()) {
    throw Error(Cause::kInvalidValue, "METADATA_INVALID",
                fmt::format("{} and {} are missing: give one, else nothing would change",
                            called(raw, "metadata"), called(raw, "unset")));
  }
  request.set = optional_metadata(raw, Cause::kInvalidValue);
  for (const std::string& key : request.unset) {
    if (!request.set.contains(key)) continue;
    throw Error(Cause::kInvalidValue, "METADATA_INVALID",
                fmt::format("{} and {} name the same key; leave it out of one", called(raw, "metadata"),
                            called(raw, "unset")));
  }
  return request;
}

}  // namespace facesearch::contract
