// SPDX-License-Identifier: MIT
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::contract {
namespace {

// `path` and `input` are of batches.
constexpr auto kMembers = std::to_array<std::string_view>({"collectionId",
                                                           "collectionIds",
                                                           "requestName",
                                                           "userName",
                                                           "faceImage",
                                                           "template",
                                                           "fingerprint",
                                                           "limit",
                                                           "metaFaceId",
                                                           "metaFaceIds",
                                                           "metadata",
                                                           "unset",
                                                           "withdraw",
                                                           "rememberDeleted",
                                                           "rememberTemplate",
                                                           "page",
                                                           "term",
                                                           "faceId",
                                                           "faceIds",
                                                           "faces",
                                                           "join",
                                                           "match",
                                                           "since",
                                                           "ignoreCase",
                                                           "facesMin",
                                                           "after",
                                                           "templates",
                                                           "path",
                                                           "input"});

[[noreturn]] void refuse(const char* reason, std::string detail) {
  throw Error(Cause::kRequestNotJson, reason, std::move(detail));
}

// `position` counts bytes from 1. The parser's own message is not used: it repeats the request's text.
[[noreturn]] void refuse_at(std::string_view json, std::size_t position) {
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos)
    refuse("JSON_INVALID", "the request is empty");
  if (position > json.size()) {
    refuse("JSON_INVALID",
           fmt::format("the request is not valid JSON: it ends too early, after {} bytes", json.size()));
  }
  const std::string_view before = json.substr(0, position - std::min<std::size_t>(position, 1));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  refuse("JSON_INVALID", fmt::format("the request is not valid JSON: see line {}, column {}", line, column));
}

// Builds a RawRequest while the parser reads, so that nothing is kept that no field takes.
class RequestReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit RequestReader(std::string_view json) : json_(json) {}

  RawRequest take() {
    if (!top_is_object_) refuse("JSON_NOT_AN_OBJECT", "the request is JSON, but not one object { … }");
    return std::move(request_);
  }

  bool null() override { return other({true}); }
  bool boolean(bool value) override {
    if (depth_ != 1) return other();
    put(value);
    return true;
  }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return number(value); }
  bool binary(binary_t& /*value*/) override { return other(); }

  bool string(string_t& value) override {
    if (depth_ == 1) {
      put(std::move(value));
    } else if (auto* map = open_map()) {
      // One more than allowed is enough to refuse it later.
      if (map->size() <= kMaxMetadataEntries) map->insert_or_assign(std::move(inner_key_), std::move(value));
    } else if (auto* list = open_list()) {
      if (list->size() <= kMaxCollections) list->push_back(std::move(value));
    }
    return true;
  }

  bool start_object(std::size_t /*size*/) override {
    if (depth_ == 0) {
      top_is_object_ = true;
    } else if (depth_ == 1) {
      put(std::map<std::string, std::string>{});
    } else {
      other();
    }
    return enter();
  }
  bool start_array(std::size_t /*size*/) override {
    if (depth_ == 1) {
      put(std::vector<std::string>{});
    } else {
      other();
    }
    return enter();
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      const auto* known = std::find(kMembers.begin(), kMembers.end(), name);
      current_ = known == kMembers.end() ? nullptr : &request_.members[std::string(*known)];
    } else if (depth_ == 2) {
      inner_key_ = std::move(name);
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*e*/) override {
    refuse_at(json_, position);
  }

 private:
  bool enter() {
    if (++depth_ > kMaxRequestDepth) {
      refuse("JSON_TOO_DEEP", fmt::format("the request is nested deeper than {} levels", kMaxRequestDepth));
    }
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }
  bool number(double value) {
    if (depth_ != 1) return other();
    put(value);
    return true;
  }
  // A value that no field takes; inside an object or a list it makes the whole of it one.
  bool other(OtherType value = {}) {
    if (depth_ == 1) put(value);
    if (open_map() != nullptr || open_list() != nullptr) put(OtherType{});
    return true;
  }
  void put(RawValue value) {
    if (current_ != nullptr) *current_ = std::move(value);
  }
  std::map<std::string, std::string>* open_map() {
    if (depth_ != 2 || current_ == nullptr) return nullptr;
    return std::get_if<std::map<std::string, std::string>>(current_);
  }

  std::vector<std::string>* open_list() {
    if (depth_ != 2 || current_ == nullptr) return nullptr;
    return std::get_if<std::vector<std::string>>(current_);
  }

  std::string_view json_;
  RawRequest request_;
  RawValue* current_ = nullptr;  // the member being read; none where it is unknown
  std::string inner_key_;
  std::size_t depth_ = 0;
  bool top_is_object_ = false;
};

// A value of the type that it is known to have.
template <class Type>
Type as(const simdjson::dom::element& value) {
  Type typed{};
  if (value.get(typed) != simdjson::SUCCESS)
    throw Error(Cause::kInternal, "INTERNAL", "a JSON value has another type than simdjson said");
  return typed;
}

// Shows the reader what simdjson found, as nlohmann's parser would.
void show(const simdjson::dom::element& value, RequestReader& reader) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::OBJECT:
      reader.start_object(0);
      for (const auto object = as<simdjson::dom::object>(value); const auto& [name, member] : object) {
        std::string key(name);
        reader.key(key);
        show(member, reader);
      }
      reader.end_object();
      break;
    case element_type::ARRAY:
      reader.start_array(0);
      for (const auto array = as<simdjson::dom::array>(value); const auto& item : array) show(item, reader);
      reader.end_array();
      break;
    case element_type::STRING: {
      std::string text(as<std::string_view>(value));
      reader.string(text);
      break;
    }
    case element_type::INT64:
      reader.number_integer(as<std::int64_t>(value));
      break;
    case element_type::UINT64:
      reader.number_unsigned(as<std::uint64_t>(value));
      break;
    case element_type::DOUBLE:
      reader.number_float(as<double>(value), {});
      break;
    case element_type::BOOL:
      reader.boolean(as<bool>(value));
      break;
    case element_type::NULL_VALUE:
      reader.null();
      break;
  }
}

// By simdjson, which is several times faster: the requests of a batch of templates are parsed so. It needs
// many times their size, so not large ones. False, and nothing read, where it refuses the text: it does not
// say where.
bool read_small(std::string_view json, RequestReader& reader) {
  constexpr std::size_t kMost = std::size_t{128} << 10U;
  if (json.size() > kMost) return false;
  thread_local simdjson::dom::parser parser(kMost);
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return false;
  show(root, reader);
  return true;
}

}  // namespace

RawRequest parse_request(std::string_view json) {
  if (json.size() > kMaxRequestBytes) {
    refuse("JSON_TOO_LARGE",
           fmt::format("the request has {} bytes, the limit is {}", json.size(), kMaxRequestBytes));
  }
  // The parser takes a NUL for the end of its input and would not look at what follows.
  if (const std::size_t nul = json.find('\0'); nul != std::string_view::npos) refuse_at(json, nul + 1);
  RequestReader reader(json);
  if (!read_small(json, reader)) nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

}  // namespace facesearch::contract
