// SPDX-License-Identifier: MIT
#include "facesearch/core/json_reader.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/secret.hpp"

namespace facesearch {
namespace {

using Json = nlohmann::json;

// Below what the recursive functions of the JSON library bear: dump() and the wiping here.
constexpr int kMaxDepth = 32;

// NOLINTNEXTLINE(bugprone-exception-escape): a tree is walked, nothing is made
void wipe(Json& value) noexcept {
  if (auto* text = value.get_ptr<std::string*>()) cleanse(text->data(), text->size());
  if (value.is_structured()) {
    for (Json& part : value) wipe(part);
  }
}

const Json& json_of(const void* node) {
  return *static_cast<const Json*>(node);
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what the library's destructor calls throws nothing there
struct JsonDocument::Tree {
  Json value;
};

JsonDocument::JsonDocument(std::string_view text, Rules rules)
    : rules_(std::move(rules)), tree_(std::make_unique<Tree>()) {
  try {
    tree_->value = Json::parse(text, [this](int depth, Json::parse_event_t /*event*/, const Json& /*part*/) {
      if (depth > kMaxDepth) refuse(fmt::format("it is nested deeper than {}", kMaxDepth));
      return true;
    });
  } catch (const Json::parse_error& error) {
    refuse(fmt::format("it is not JSON (at byte {})", error.byte));
  } catch (const Json::exception&) {
    refuse("it holds a number that is too large");
  }
}

JsonDocument::~JsonDocument() {  // NOLINT(bugprone-exception-escape)
  if (rules_.is_secret) wipe(tree_->value);
}

JsonValue JsonDocument::root() const {
  return {*this, &tree_->value, ""};
}

void JsonDocument::refuse(const std::string& why) const {
  rules_.refuse(why);
  throw Error(Cause::kInternal, "INTERNAL", why);  // rules_.refuse() throws, by its contract
}

JsonValue JsonValue::operator[](const char* name) const {
  if (!has(name)) document_->refuse(fmt::format("{} is missing", path_of(name)));
  return {*document_, &json_of(node_).at(name), path_of(name)};
}

bool JsonValue::has(const char* name) const {
  if (!json_of(node_).is_object()) refuse("an object");
  return json_of(node_).contains(name);
}

std::string JsonValue::text() const {
  if (!json_of(node_).is_string()) refuse("a string");
  return json_of(node_).get<std::string>();
}

std::string JsonValue::printable(std::size_t min, std::size_t max) const {
  std::string found = text();
  const bool control =
      std::ranges::any_of(found, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control || found.size() < min || found.size() > max) {
    refuse(fmt::format("a string of {} to {} bytes without control characters", min, max));
  }
  return found;
}

void JsonValue::bytes(std::span<std::uint8_t> out) const {
  if (!json_of(node_).is_string() || !from_hex(json_of(node_).get_ref<const std::string&>(), out)) {
    refuse(fmt::format("{} lower-case hexadecimal digits", 2 * out.size()));
  }
}

Uuid JsonValue::uuid() const {
  const auto uuid = Uuid::parse(text());
  if (!uuid) refuse("a UUID");
  return *uuid;
}

bool JsonValue::flag() const {
  if (!json_of(node_).is_boolean()) refuse("true or false");
  return json_of(node_).get<bool>();
}

double JsonValue::number() const {
  if (!json_of(node_).is_number()) refuse("a number");
  return json_of(node_).get<double>();
}

double JsonValue::number(double min, double max) const {
  const double found = number();
  if (!(found >= min && found <= max)) refuse(fmt::format("a number from {} to {}", min, max));
  return found;
}

std::uint64_t JsonValue::integer(std::uint64_t min, std::uint64_t max) const {
  const Json& value = json_of(node_);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < min || value.get<std::uint64_t>() > max) {
    refuse(fmt::format("a whole number from {} to {}", min, max));
  }
  return value.get<std::uint64_t>();
}

std::int64_t JsonValue::milliseconds() const {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  const Json& value = json_of(node_);
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > kMax)) {
    refuse("a time in milliseconds");
  }
  return value.get<std::int64_t>();
}

std::vector<JsonValue> JsonValue::items() const {
  if (!json_of(node_).is_array()) refuse("an array");
  std::vector<JsonValue> values;
  for (const Json& item : json_of(node_)) {
    values.push_back({*document_, &item, fmt::format("{}[{}]", path_, values.size())});
  }
  return values;
}

std::vector<JsonValue> JsonValue::items(std::size_t min, std::size_t max) const {
  const Json& value = json_of(node_);
  if (!value.is_array() || value.size() < min || value.size() > max) {
    refuse(min == max ? fmt::format("an array of {}", min) : fmt::format("an array of {} to {}", min, max));
  }
  return items();
}

void JsonValue::refuse(std::string_view wanted) const {
  const std::string what = path_.empty() ? "the document" : path_;
  document_->refuse(document_->rules_.shows_values
                        ? fmt::format("{} must be {}, not {}", what, wanted, shown())
                        : fmt::format("{} must be {}", what, wanted));
}

std::string JsonValue::shown() const {
  const Json& value = json_of(node_);
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("an array of {}", value.size());
  // As ASCII, so that a cut never splits a character.
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 60) + "…" : text;
}

}  // namespace facesearch
