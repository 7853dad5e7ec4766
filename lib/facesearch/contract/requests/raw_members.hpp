// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"

/// The members of a RawRequest, one at a time, with their checks.
namespace facesearch::contract {

/// Null where it is missing.
const RawValue* find(const RawRequest& raw, std::string_view member);

/// A member's text; null where it is missing or not a string.
const std::string* find_text(const RawRequest& raw, std::string_view member);
std::string text_or_empty(const RawRequest& raw, std::string_view member);

/// What the caller calls the member: the option of a command line, else the member of the JSON.
std::string_view called(const RawRequest& raw, std::string_view member);

/// "--collection is missing or empty; name the collection, for example --collection staff", or
/// "collectionId is missing, empty or not a string". `other`: a member that could stand for it.
std::string missing(const RawRequest& raw, std::string_view member, std::string_view other = {});

/// Throws Error(cause); an empty text counts as missing.
std::string required_text(const RawRequest& raw, std::string_view member, Cause cause);
std::string required_collection(const RawRequest& raw);

/// Throws Error(kInvalidValue, TEXT_NOT_UTF8).
void require_utf8(std::string_view text, std::string_view name);

/// Throws as require_utf8, and Error(kRefused, reason) above kMaxNameBytes.
void require_short(std::string_view text, std::string_view name, const char* reason);

/// False where it is missing. Throws Error(kInvalidValue, VALUE_INVALID).
bool optional_flag(const RawRequest& raw, std::string_view member);

/// A whole number from 1 to `most`. Throws as optional_flag.
std::optional<std::uint64_t> optional_number(const RawRequest& raw, std::string_view member, double most);

/// Empty where it is missing. Throws as optional_flag and require_utf8.
std::vector<std::string> optional_texts(const RawRequest& raw, std::string_view member);

/// Takes `metadata` out of the request. Throws Error(cause, METADATA_INVALID), and as require_utf8.
std::map<std::string, std::string> optional_metadata(RawRequest& raw, Cause cause);

/// Throws Error(kInvalidValue, reason): "--limit is 0; it takes a whole number from 1 to 1000". Not for a
/// member that holds a person's name.
[[noreturn]] void refuse_value(const RawRequest& raw, std::string_view member, std::string_view wanted,
                               const char* reason = "VALUE_INVALID");

}  // namespace facesearch::contract
