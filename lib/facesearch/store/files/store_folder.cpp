// SPDX-License-Identifier: MIT
#include "facesearch/store/files/store_folder.hpp"

#include <charconv>

#include "facesearch/core/digest.hpp"

namespace facesearch::storage {
namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr std::string_view kDoomed = ".del-";
constexpr std::string_view kSide = "gen-";

}  // namespace

std::string StoreFolder::digest(std::string_view collection) const {
  std::string text(id.bytes.begin(), id.bytes.end());
  text += collection;
  return hex(sha256(text));
}

std::filesystem::path StoreFolder::side(std::string_view collection, std::uint64_t number) const {
  return this->collection(collection) / side_name(number);
}

std::filesystem::path StoreFolder::tombstone(std::string_view collection) const {
  return tombstones() / digest(collection);
}

std::filesystem::path StoreFolder::lock(std::string_view collection) const {
  return locks() / (digest(collection) + ".lock");
}

std::filesystem::path StoreFolder::temporary() const {
  return root / (std::string(kTemporary) + Uuid::make().text());
}

std::filesystem::path StoreFolder::doomed() const {
  return root / (std::string(kDoomed) + Uuid::make().text());
}

std::string side_name(std::uint64_t number) {
  return std::string(kSide) + std::to_string(number);
}

std::optional<std::uint64_t> side_number(std::string_view name) {
  if (!name.starts_with(kSide)) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [at, error] = std::from_chars(name.data() + kSide.size(), end, number);
  return error == std::errc() && at == end && side_name(number) == name ? std::optional(number)
                                                                        : std::nullopt;
}

bool is_leftover(std::string_view name) {
  return (name.starts_with(kTemporary) || name.starts_with(kDoomed)) &&
         Uuid::parse(name.substr(kTemporary.size())).has_value();
}

}  // namespace facesearch::storage
