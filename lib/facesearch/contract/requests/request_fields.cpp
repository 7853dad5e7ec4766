// SPDX-License-Identifier: MIT
// The fields of each call, read from a RawRequest in the order that the contract documents: the first that
// fails is the error. What needs the store is checked by the service.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "facesearch/contract/requests/base64.hpp"
#include "facesearch/contract/requests/person_fields.hpp"
#include "facesearch/contract/requests/raw_members.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"

namespace facesearch::contract {
namespace {

std::vector<std::uint8_t> given_picture(RawRequest& raw) {
  if (raw.picture) return std::move(*raw.picture);
  const auto member = raw.members.find("faceImage");
  if (member == raw.members.end()) return {};
  auto* text = std::get_if<std::string>(&member->second);
  return text == nullptr ? std::vector<std::uint8_t>{} : decode_picture_text(std::move(*text));
}

[[noreturn]] void refuse_template(std::string why) {
  throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID", std::move(why));
}

Template template_of(std::span<const std::uint8_t> bytes) {
  static_assert(std::endian::native == std::endian::little && sizeof(float) == 4);
  if (bytes.empty() || bytes.size() % sizeof(float) != 0) {
    refuse_template(fmt::format("the template has {} bytes; it is made of 32-bit floats", bytes.size()));
  }
  Template values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

service::GivenTemplate given_template(RawRequest& raw) {
  constexpr const char* kAdvice = "send what `facesearch template extract` answered with success";
  if (text_or_empty(raw, "template").empty()) {
    refuse_template(fmt::format("template is missing or empty: {}", kAdvice));
  }
  std::string made_by = text_or_empty(raw, "fingerprint");
  if (made_by.empty()) {
    refuse_template(fmt::format("fingerprint is missing, empty or not a string: {}", kAdvice));
  }
  auto& text = std::get<std::string>(raw.members.at("template"));
  if (text.size() > kMaxTemplateText) {
    refuse_template(
        fmt::format("template has {} characters, the limit is {}", text.size(), kMaxTemplateText));
  }
  const auto bytes =
      decode_base64(std::move(text), 0, {"template", Cause::kInvalidValue, "TEMPLATE_INVALID"});
  return {template_of(bytes), std::move(made_by)};
}

std::size_t optional_limit(const RawRequest& raw) {
  const RawValue* value = find(raw, "limit");
  if (value == nullptr) return kDefaultCandidates;
  const double* number = std::get_if<double>(value);
  if (number == nullptr || *number < 1 || *number > static_cast<double>(kMaxCandidates) ||
      *number != std::trunc(*number)) {
    throw Error(Cause::kRefused, "LIMIT_INVALID",
                fmt::format("{} is not a whole number from 1 to {}", called(raw, "limit"), kMaxCandidates));
  }
  return static_cast<std::size_t>(*number);
}

// `faces`: true for all of the picture.
bool wants_every_face(const RawRequest& raw) {
  const RawValue* value = find(raw, "faces");
  if (value == nullptr) return false;
  const std::string* text = std::get_if<std::string>(value);
  if (text != nullptr && *text == "all") return true;
  if (text != nullptr && *text == "one") return false;
  refuse_value(raw, "faces", "all, for every face of the picture, or one", "FACES_INVALID");
}

std::optional<Uuid> optional_person(const RawRequest& raw) {
  const RawValue* value = find(raw, "metaFaceId");
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(value);
  const auto person = text == nullptr ? std::nullopt : Uuid::parse(*text);
  if (!person)
    throw Error(Cause::kRefused, "PERSON_NOT_FOUND",
                fmt::format("{} is not the id of a person (a UUID)", called(raw, "metaFaceId")));
  return person;
}

std::optional<std::uint64_t> page_of(double number) {
  if (!(number >= 1) || number != std::trunc(number)) return std::nullopt;
  return number >= static_cast<double>(kLastPage) ? kLastPage : static_cast<std::uint64_t>(number);
}

std::optional<std::uint64_t> page_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) return kLastPage;
  if (number == 0) return std::nullopt;
  return std::min(number, kLastPage);
}

std::uint64_t required_page(const RawRequest& raw) {
  std::optional<std::uint64_t> page;
  if (const RawValue* value = find(raw, "page")) {
    if (const auto* number = std::get_if<double>(value)) page = page_of(*number);
    if (const auto* text = std::get_if<std::string>(value)) page = page_of(std::string_view(*text));
  }
  if (!page)
    throw Error(Cause::kPageRequired, "",
                fmt::format("{} is missing or not a whole number from 1", called(raw, "page")));
  return *page;
}

std::string optional_term(const RawRequest& raw) {
  if (find(raw, "term") == nullptr) return {};
  const std::string* term = find_text(raw, "term");
  if (term == nullptr)
    throw Error(Cause::kTermTooShort, "", fmt::format("{} is not a string", called(raw, "term")));
  const auto characters = std::count_if(term->begin(), term->end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // all but UTF-8's continuation bytes
  });
  if (static_cast<std::size_t>(characters) < kMinTermLength) {
    throw Error(Cause::kTermTooShort, "",
                fmt::format("{} has {} characters, at least {} are needed", called(raw, "term"), characters,
                            kMinTermLength));
  }
  return *term;
}

}  // namespace

void RawRequest::take_template(RawRequest document) {
  // A missing member is refused later, in the documented order of checks.
  for (const char* member : {"template", "fingerprint"}) {
    RawValue value = std::string{};
    const auto found = document.members.find(member);
    if (found != document.members.end() && std::holds_alternative<std::string>(found->second)) {
      value = std::move(found->second);
    }
    members.insert_or_assign(member, std::move(value));
  }
}

service::ProbeInput required_probe(RawRequest& raw) {
  // A member of another type, null for one, is as good as missing.
  const std::string* given = find_text(raw, "template");
  if (given != nullptr && !given->empty() && (raw.picture || !text_or_empty(raw, "faceImage").empty())) {
    throw Error(Cause::kInvalidValue, "PICTURE_AND_TEMPLATE",
                fmt::format("{} and {} were both given; leave one out", called(raw, "faceImage"),
                            called(raw, "template")));
  }
  std::vector<std::uint8_t> picture = given_picture(raw);
  if (!picture.empty()) return picture;
  if (raw.picture) throw Error(Cause::kImageRequired, "", "the file of the picture is empty");
  if (given != nullptr) return given_template(raw);
  throw Error(Cause::kImageRequired, "", missing(raw, "faceImage", "template"));
}

std::string read_collection_id(const RawRequest& raw) {
  return required_collection(raw);
}

std::vector<std::string> read_collection_ids(const RawRequest& raw) {
  const RawValue* value = find(raw, "collectionIds");
  const auto* other = value == nullptr ? nullptr : std::get_if<OtherType>(value);
  if (value == nullptr || (other != nullptr && other->is_null)) return {required_collection(raw)};
  if (!text_or_empty(raw, "collectionId").empty()) {
    throw Error(Cause::kInvalidValue, "COLLECTION_ID_TWICE",
                fmt::format("{} and {} were both given; leave one out", called(raw, "collectionId"),
                            called(raw, "collectionIds")));
  }
  const auto* ids = std::get_if<std::vector<std::string>>(value);
  if (ids == nullptr || ids->empty() || std::ranges::find(*ids, "") != ids->end()) {
    throw Error(Cause::kCollectionIdRequired, "",
                fmt::format("{} is not a list of collection ids, or is empty, or has an empty id",
                            called(raw, "collectionIds")));
  }
  return *ids;
}

service::SearchRequest read_search(RawRequest raw) {
  service::SearchRequest request;
  request.further = read_collection_ids(raw);
  request.collection_id = std::move(request.further.front());
  request.further.erase(request.further.begin());
  request.names_collections = raw.members.contains("collectionIds");
  if (const std::string* name = find_text(raw, "userName")) request.user_name = *name;
  request.request_name = text_or_empty(raw, "requestName");
  if (request.request_name.empty() && request.user_name) request.request_name = *request.user_name;
  if (request.request_name.empty()) {
    throw Error(Cause::kRequestNameRequired, "",
                missing(raw, "requestName", raw.options.empty() ? "userName" : ""));
  }
  require_short(request.request_name, called(raw, "requestName"), "REQUEST_NAME_TOO_LONG");
  if (request.user_name) require_short(*request.user_name, called(raw, "userName"), "USER_NAME_TOO_LONG");
  request.probe = required_probe(raw);
  request.limit = optional_limit(raw);
  request.every_face = wants_every_face(raw);
  return request;
}

service::EnrollRequest read_enroll(RawRequest raw) {
  service::EnrollRequest request;
  request.collection_id = required_collection(raw);
  request.every_face = wants_every_face(raw);  // decides whether a name is needed
  request.user_name = request.every_face ? text_or_empty(raw, "userName")
                                         : required_text(raw, "userName", Cause::kUserNameRequired);
  require_short(request.user_name, called(raw, "userName"), "USER_NAME_TOO_LONG");
  request.probe = required_probe(raw);
  request.person = optional_person(raw);
  request.metadata = optional_metadata(raw, Cause::kRefused);
  request.join = optional_flag(raw, "join");
  if (request.join && !request.every_face) {
    throw Error(Cause::kInvalidValue, "JOIN_WITHOUT_FACES",
                fmt::format("{} is for the faces of a picture: give {} all with it, or {} to add a face to a "
                            "person",
                            called(raw, "join"), called(raw, "faces"), called(raw, "metaFaceId")));
  }
  if (request.every_face && request.person) {
    throw Error(Cause::kInvalidValue, "PERSON_OF_MANY_FACES",
                fmt::format("{} names one person, {} all enrols many; leave one out",
                            called(raw, "metaFaceId"), called(raw, "faces")));
  }
  return request;
}

service::FaceListRequest read_face_list(const RawRequest& raw) {
  service::FaceListRequest request;
  request.collection_id = required_collection(raw);
  request.page = required_page(raw);
  request.term = optional_term(raw);
  return request;
}

service::FaceDeleteRequest read_face_delete(const RawRequest& raw) {
  service::FaceDeleteRequest request;
  request.collection_id = required_collection(raw);
  request.face_id = required_text(raw, "faceId", Cause::kFaceIdRequired);
  request.remember = read_remember(raw);
  return request;
}

service::VerifyRequest read_verify(RawRequest raw) {
  service::VerifyRequest request;
  request.collection_id = required_collection(raw);
  request.face_id = text_or_empty(raw, "faceId");
  request.person_id = text_or_empty(raw, "metaFaceId");
  if (request.face_id.empty() == request.person_id.empty()) {
    const std::string_view face = called(raw, "faceId");
    const std::string_view person = called(raw, "metaFaceId");
    throw Error(Cause::kFaceIdRequired, "",
                request.face_id.empty()
                    ? fmt::format("{} or {} is needed, and not empty", face, person)
                    : fmt::format("{} and {} were both given; leave one out", face, person));
  }
  request.probe = required_probe(raw);
  request.every_face = wants_every_face(raw);
  return request;
}

}  // namespace facesearch::contract
