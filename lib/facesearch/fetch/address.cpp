// SPDX-License-Identifier: MIT
#include "facesearch/fetch/address.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "facesearch/core/utf8.hpp"

namespace facesearch {
namespace {

constexpr std::string_view kSeparator = "://";

bool same_word(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 32 : a) == b; });
}

// `host`, `host:80` or `[::1]:80`. Not `me:secret`: a password with a slash would end the host too early.
bool is_host(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']')) return true;
  return std::ranges::all_of(text.substr(colon + 1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Scheme scheme_of(std::string_view url) {
  static constexpr std::array kSchemes{std::pair{std::string_view("http"), Scheme::kHttp},
                                       std::pair{std::string_view("https"), Scheme::kHttps},
                                       std::pair{std::string_view("file"), Scheme::kFile}};
  const std::size_t end = url.find(kSeparator);
  if (end == std::string_view::npos) return Scheme::kNone;
  for (const auto& [name, scheme] : kSchemes) {
    if (same_word(url.substr(0, end), name)) return scheme;
  }
  return Scheme::kNone;
}

std::string public_address(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t separator = url.find(kSeparator);
  if (separator == std::string_view::npos) return "an address without a scheme";
  const std::string_view scheme = url.substr(0, separator + kSeparator.size());
  const std::string_view rest = url.substr(scheme.size());
  const std::size_t end = std::min(rest.find('/'), rest.size());
  std::string_view host = rest.substr(0, end);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host = host.substr(at + 1);
  if (!is_host(host)) return printable(scheme) + "...";
  return printable(scheme) + printable(host) + printable(rest.substr(end));
}

}  // namespace facesearch
