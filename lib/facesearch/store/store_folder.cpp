// SPDX-License-Identifier: MIT
#include "facesearch/store/store_folder.hpp"

#include "facesearch/core/digest.hpp"

namespace facesearch::storage {
namespace {

constexpr std::string_view kTemporary = ".tmp-";
constexpr std::string_view kDoomed = ".del-";

// The name of a collection in file names that outlive it: tells nothing to who does not know it.
std::string digest_of(const Uuid& store, std::string_view collection) {
  std::string text(store.bytes.begin(), store.bytes.end());
  text += collection;
  return hex(sha256(text));
}

}  // namespace

std::filesystem::path StoreFolder::tombstone(std::string_view collection) const {
  return tombstones() / digest_of(id, collection);
}

std::filesystem::path StoreFolder::lock(std::string_view collection) const {
  return locks() / (digest_of(id, collection) + ".lock");
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
