// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/lmdb_api_keys.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/json_records.hpp"

namespace facesearch::storage {
namespace {

constexpr std::size_t kMaxKeyFile = 64 << 20;

}  // namespace

std::vector<ApiKeyRecord> LmdbApiKeys::list() const {
  return read_keys(read_file(store_->folder.key_file(), kMaxKeyFile));
}

void LmdbApiKeys::add(const ApiKeyRecord& key) {
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile alone = store_->lock(kKeys, LockMode::kExclusive);
  std::vector<ApiKeyRecord> all = list();
  if (std::ranges::count(all, key.id, &ApiKeyRecord::id) > 0) {
    throw Error(Cause::kInvalidValue, "KEY_EXISTS", fmt::format("there is a key {} already", key.id.text()));
  }
  all.push_back(key);
  replace(all);
}

bool LmdbApiKeys::revoke(const Uuid& key, Timestamp when) {
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile alone = store_->lock(kKeys, LockMode::kExclusive);
  std::vector<ApiKeyRecord> all = list();
  const auto found = std::ranges::find(all, key, &ApiKeyRecord::id);
  if (found == all.end()) {
    return false;
  }
  if (!found->revoked) {
    found->revoked = when;
    replace(all);
  }
  return true;
}

void LmdbApiKeys::replace(const std::vector<ApiKeyRecord>& keys) const {
  replace_file(store_->folder.key_file(), store_->folder.temporary(), write_keys(keys));
}

}  // namespace facesearch::storage
