// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "facesearch/store/records.hpp"

namespace facesearch {

/// The API keys of a store. Whether a key allows a call is decided in service/access.
class ApiKeys {
 public:
  virtual ~ApiKeys() = default;

  /// In the order they were added.
  virtual std::vector<ApiKeyRecord> list() const = 0;

  /// Throws Error(kInvalidValue, KEY_EXISTS).
  virtual void add(const ApiKeyRecord& key) = 0;

  /// False if there is no such key. A key that is revoked already keeps its first time.
  virtual bool revoke(const Uuid& key, Timestamp when) = 0;
};

}  // namespace facesearch
