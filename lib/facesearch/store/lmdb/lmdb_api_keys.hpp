// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "facesearch/store/api_keys.hpp"
#include "facesearch/store/lmdb/open_store.hpp"

namespace facesearch::storage {

/// The API keys in keys.json, a small file that is replaced whole under a lock of its own.
class LmdbApiKeys final : public ApiKeys {
 public:
  explicit LmdbApiKeys(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}

  std::vector<ApiKeyRecord> list() const override;
  void add(const ApiKeyRecord& key) override;
  bool revoke(const Uuid& key, Timestamp when) override;

 private:
  void replace(const std::vector<ApiKeyRecord>& keys) const;

  std::shared_ptr<OpenStore> store_;
};

}  // namespace facesearch::storage
