// SPDX-License-Identifier: MIT
#include "facesearch/contract/requests/raw_members.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"

namespace facesearch::contract {
namespace {

// What to do about a member that is missing, for who writes a command line.
struct Advice {
  std::string_view member;
  std::string_view words;
  std::string_view example;
};
constexpr auto kAdvices = std::to_array<Advice>({
    {"collectionId", "name the collection", "staff"},
    {"requestName", "give the request a label", "door-3"},
    {"userName", "give the person's name", "Ada"},
    {"faceImage", "give a picture", "ada.jpg"},
    {"faceId", "give a face's id, as `face list` shows it", ""},
    {"faceIds", "give a face's id, as `face list` shows it", ""},
    {"metaFaceId", "give a person's id, as `person list` shows it", ""},
});

// A value as an error shows it.
std::string shown(const RawRequest& raw, std::string_view member) {
  constexpr std::size_t kMostShown = 40;
  const RawValue* value = find(raw, member);
  if (value == nullptr) return "missing";
  if (const auto* text = std::get_if<std::string>(value)) {
    return fmt::format("'{}{}'", text->substr(0, kMostShown), text->size() > kMostShown ? "…" : "");
  }
  if (const auto* number = std::get_if<double>(value)) return fmt::format("{:g}", *number);
  if (const auto* flag = std::get_if<bool>(value)) return *flag ? "true" : "false";
  return "of another type";
}

}  // namespace

const RawValue* find(const RawRequest& raw, std::string_view member) {
  const auto found = raw.members.find(member);
  return found == raw.members.end() ? nullptr : &found->second;
}

const std::string* find_text(const RawRequest& raw, std::string_view member) {
  const RawValue* value = find(raw, member);
  return value == nullptr ? nullptr : std::get_if<std::string>(value);
}

std::string text_or_empty(const RawRequest& raw, std::string_view member) {
  const std::string* text = find_text(raw, member);
  return text == nullptr ? std::string{} : *text;
}

std::string_view called(const RawRequest& raw, std::string_view member) {
  const auto option = raw.options.find(member);
  return option == raw.options.end() ? member : std::string_view(option->second);
}

std::string missing(const RawRequest& raw, std::string_view member, std::string_view other) {
  const std::string_view name = called(raw, member);
  const bool from_options = !raw.options.empty();
  std::string text =
      fmt::format("{} is missing{}", name, from_options ? " or empty" : ", empty or not a string");
  if (!other.empty()) text += fmt::format(", and so is {}", called(raw, other));
  if (!from_options) return text;
  const auto* advice = std::ranges::find(kAdvices, member, &Advice::member);
  if (advice == kAdvices.end()) return text;
  text += fmt::format("; {}", advice->words);
  if (!advice->example.empty() && name.starts_with("--"))
    text += fmt::format(", for example {} {}", name, advice->example);
  return text;
}

std::string required_text(const RawRequest& raw, std::string_view member, Cause cause) {
  std::string text = text_or_empty(raw, member);
  if (text.empty()) throw Error(cause, "", missing(raw, member));
  return text;
}

std::string required_collection(const RawRequest& raw) {
  return required_text(raw, "collectionId", Cause::kCollectionIdRequired);
}

// JSON is UTF-8 already; an option's value may be any bytes.
void require_utf8(std::string_view text, std::string_view name) {
  if (is_utf8(text)) return;
  throw Error(Cause::kInvalidValue, "TEXT_NOT_UTF8", fmt::format("{} is not UTF-8", name));
}

void require_short(std::string_view text, std::string_view name, const char* reason) {
  require_utf8(text, name);
  if (text.size() <= kMaxNameBytes) return;
  throw Error(Cause::kRefused, reason,
              fmt::format("{} has {} bytes, the limit is {}", name, text.size(), kMaxNameBytes));
}

bool optional_flag(const RawRequest& raw, std::string_view member) {
  const RawValue* value = find(raw, member);
  if (value == nullptr) return false;
  if (const bool* given = std::get_if<bool>(value)) return *given;
  refuse_value(raw, member, "true or false");
}

std::map<std::string, std::string> optional_metadata(RawRequest& raw, Cause cause) {
  using Metadata = std::map<std::string, std::string>;
  const auto member = raw.members.find("metadata");
  if (member == raw.members.end()) return {};
  const std::string name(called(raw, "metadata"));
  const auto refuse = [cause](std::string detail) {
    throw Error(cause, "METADATA_INVALID", std::move(detail));
  };
  auto* metadata = std::get_if<Metadata>(&member->second);
  if (metadata == nullptr) {
    refuse(name + " is not a flat object of strings");
    return {};
  }
  if (metadata->size() > kMaxMetadataEntries) {
    refuse(fmt::format("{} has more than {} entries", name, kMaxMetadataEntries));
  }
  std::size_t bytes = 0;
  for (const auto& [key, text] : *metadata) {
    require_utf8(key, "a key of " + name);
    require_utf8(text, "a value of " + name);
    bytes += key.size() + text.size();
  }
  if (bytes > kMaxMetadataBytes) {
    refuse(fmt::format("{} has {} bytes, the limit is {}", name, bytes, kMaxMetadataBytes));
  }
  return std::move(*metadata);
}

std::vector<std::string> optional_texts(const RawRequest& raw, std::string_view member) {
  const RawValue* value = find(raw, member);
  if (value == nullptr) return {};
  const auto* texts = std::get_if<std::vector<std::string>>(value);
  if (texts == nullptr) refuse_value(raw, member, "a list of strings");
  for (const std::string& text : *texts) require_utf8(text, called(raw, member));
  return *texts;
}

std::optional<std::uint64_t> optional_number(const RawRequest& raw, std::string_view member, double most) {
  const RawValue* value = find(raw, member);
  if (value == nullptr) return std::nullopt;
  const auto* number = std::get_if<double>(value);
  if (number == nullptr || !(*number >= 1 && *number <= most) || *number != std::trunc(*number)) {
    refuse_value(raw, member, fmt::format("a whole number from 1 to {}", most));
  }
  return static_cast<std::uint64_t>(*number);
}

void refuse_value(const RawRequest& raw, std::string_view member, std::string_view wanted,
                  const char* reason) {
  throw Error(Cause::kInvalidValue, reason,
              fmt::format("{} is {}; it takes {}", called(raw, member), shown(raw, member), wanted));
}

}  // namespace facesearch::contract
