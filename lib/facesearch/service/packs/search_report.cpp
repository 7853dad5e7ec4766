// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/search_report.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace facesearch::service {
namespace {

constexpr std::size_t kMostPlaces = 16;
constexpr std::size_t kMostFaults = 8;

void add_bounded(std::vector<std::string>& list, std::string text, std::size_t most) {
  if (list.size() < most && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

void SearchReport::looked_in(std::string place) {
  add_bounded(places_, std::move(place), kMostPlaces);
}

void SearchReport::passed_over(std::string reason, std::string words) {
  if (reason_.empty()) reason_ = std::move(reason);
  add_bounded(faults_, std::move(words), kMostFaults);
}

std::string SearchReport::reason(const std::string& otherwise) const {
  return reason_.empty() ? otherwise : reason_;
}

std::string SearchReport::words() const {
  std::string text;
  if (!faults_.empty()) text += fmt::format(" Passed over: {}.", fmt::join(faults_, "; "));
  if (!places_.empty()) text += fmt::format(" Looked in {}.", fmt::join(places_, ", "));
  return text;
}

std::string shown_names(std::size_t count, const char* what, const std::vector<std::string>& first) {
  const std::string number = count == 0 ? "no" : std::to_string(count);
  std::string text = fmt::format("{} {}{}", number, what, count == 1 ? "" : "s");
  if (!first.empty())
    text += fmt::format(": {}{}", fmt::join(first, ", "), count > first.size() ? ", …" : "");
  return text;
}

}  // namespace facesearch::service
