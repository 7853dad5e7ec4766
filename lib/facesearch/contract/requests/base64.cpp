// SPDX-License-Identifier: MIT
#include "facesearch/contract/requests/base64.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <climits>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "facesearch/core/error.hpp"

namespace facesearch::contract {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kLineEnd = 64;
constexpr std::uint8_t kBlank = 65;
constexpr std::uint8_t kPadding = 66;
constexpr std::uint8_t kOfUrls = 67;
constexpr std::uint8_t kForeign = 68;
constexpr std::size_t kChunk = 1U << 20;  // EVP_DecodeBlock counts in int

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char end : {'\r', '\n'}) values[static_cast<unsigned char>(end)] = kLineEnd;
  for (const char digit : {'-', '_'}) values[static_cast<unsigned char>(digit)] = kOfUrls;
  values[static_cast<unsigned char>(' ')] = kBlank;
  values[static_cast<unsigned char>('=')] = kPadding;
  return values;
}
constexpr auto kValues = make_values();

std::uint8_t value_of(char c) {
  return kValues[static_cast<unsigned char>(c)];
}

constexpr Base64Member kPicture{"faceImage", Cause::kImageInvalid, "INVALID_BASE64"};

[[noreturn]] void refuse(const Base64Member& member, std::string_view what) {
  throw Error(member.cause, std::string(member.reason), fmt::format("{} {}", member.name, what));
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// How much of the text is `data:…;base64,`. The type between is not looked at: the picture's own bytes say
// what it is, and browsers write another one, or none, for a file without an extension.
std::size_t prefix_length(std::string_view text) {
  constexpr std::string_view kStart = "data:";
  constexpr std::string_view kEnd = ";base64";
  const std::size_t first = std::min(text.find_first_not_of(" \r\n"), text.size());
  if (!equal_ignoring_case(text.substr(first, kStart.size()), kStart)) return 0;
  const std::size_t comma = text.find(',', first);
  if (comma == std::string_view::npos || comma < first + kStart.size() + kEnd.size() ||
      !equal_ignoring_case(text.substr(comma - kEnd.size(), kEnd.size()), kEnd)) {
    refuse(kPicture, "starts like a data URI but has no ;base64, part");
  }
  return comma + 1;
}

// Refuses a character that is none of base64, at `place` from 1.
[[noreturn]] void refuse_character(const Base64Member& member, std::uint8_t kind, std::size_t place) {
  if (kind == kOfUrls) {
    refuse(member,
           fmt::format("is base64url, not base64: character {} is - or _. Send + for - and / for _", place));
  }
  refuse(member, fmt::format("is not base64: character {} is not one of its 64 digits", place));
}

[[noreturn]] void refuse_length(const Base64Member& member, std::size_t digits, std::size_t padding) {
  if (padding == 0 && digits % 4 > 1) {
    refuse(member, fmt::format("is cut short, or its padding is missing: {} digits and no padding characters",
                               digits));
  }
  refuse(member,
         fmt::format("is cut short or badly padded: {} digits and {} padding characters", digits, padding));
}

// Moves the digits and the padding to the front of the text and cuts the rest off. A blank may begin or end a
// line; inside of one it was a +.
void keep_digits(std::string& text, std::size_t first, const Base64Member& member) {
  std::size_t kept = 0;
  std::size_t padding = 0;
  bool in_line = false;
  std::size_t blank = 0;  // its place in the line, from 1 in the text; 0: none
  for (std::size_t i = first; i < text.size(); ++i) {
    const std::uint8_t value = value_of(text[i]);
    if (value == kLineEnd) {
      in_line = false;
      blank = 0;
      continue;
    }
    if (value == kBlank) {
      if (in_line && blank == 0) blank = i + 1;
      continue;
    }
    if (value >= kOfUrls) refuse_character(member, value, i + 1);
    if (blank != 0) {
      refuse(member, fmt::format("is not base64: character {} is a blank between digits. A form makes one of "
                                 "each +: send %2B for it",
                                 blank));
    }
    in_line = true;
    if (value == kPadding) {
      ++padding;
    } else if (padding > 0) {
      refuse(member, fmt::format("is not base64: character {} comes after the padding", i + 1));
    }
    text[kept++] = text[i];
  }
  text.resize(kept);
  if (kept % 4 != 0 || padding > 2) refuse_length(member, kept - padding, padding);
}

std::size_t count_padding(std::string_view digits, const Base64Member& member) {
  const std::size_t padding = digits.size() - std::min(digits.find_last_not_of('=') + 1, digits.size());
  if (padding == 0) return 0;
  const unsigned unused = padding == 1 ? 0x3 : 0xF;
  if ((value_of(digits[digits.size() - padding - 1]) & unused) != 0) {
    refuse(member, "is not base64: the bits before its padding are not zero");
  }
  return padding;
}

}  // namespace

std::vector<std::uint8_t> decode_base64(std::string text, std::size_t first, const Base64Member& member) {
  keep_digits(text, first, member);
  const std::size_t padding = count_padding(text, member);
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  for (std::size_t done = 0; done < text.size(); done += kChunk) {
    const std::size_t size = std::min(kChunk, text.size() - done);
    const auto* digits = reinterpret_cast<const unsigned char*>(text.data()) + done;
    const int written = EVP_DecodeBlock(bytes.data() + done / 4 * 3, digits, static_cast<int>(size));
    if (written < 0 || static_cast<std::size_t>(written) != size / 4 * 3) refuse(member, "is not base64");
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::vector<std::uint8_t> decode_picture_text(std::string text) {
  const std::size_t prefix = prefix_length(text);
  return decode_base64(std::move(text), prefix, kPicture);
}

std::string encode_base64(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > INT_MAX / 2) throw std::length_error("base64: too many bytes for one text");
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
  auto* digits = reinterpret_cast<unsigned char*>(text.data());
  text.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(digits, bytes.data(), static_cast<int>(bytes.size()))));
  return text;
}

}  // namespace facesearch::contract
