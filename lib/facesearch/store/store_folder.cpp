// SPDX-License-Identifier: MIT
#include "facesearch/store/store_folder.hpp"

#include "facesearch/core/digest.hpp"

namespace facesearch::storage {
namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr std::string_view kDoomed = ".del-";

}  // namespace

std::string StoreFolder::digest(std::string_view collection) const {
  std::string text(id.bytes.begin(), id.bytes.end());
  text += collection;
  return hex(sha256(text));
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

bool is_leftover(std::string_view name) {
  return (name.starts_with(kTemporary) || name.starts_with(kDoomed)) &&
         Uuid::parse(name.substr(kTemporary.size())).has_value();
}

}  // namespace facesearch::storage
