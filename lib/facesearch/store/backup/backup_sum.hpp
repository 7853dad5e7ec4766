// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "facesearch/core/digest.hpp"
#include "facesearch/store/crypto/secret.hpp"
#include "facesearch/store/format/aligned_bytes.hpp"

namespace facesearch::storage {

/// Sums up bytes that come in parts: HMAC-SHA256 (RFC 2104) under a key, plain SHA-256 without one.
class BackupSum {
 public:
  explicit BackupSum(std::optional<Secret> key);

  void add(Bytes bytes);

  /// Of all that came so far.
  Sha256 value() const;

 private:
  void add_key(RunningSha256& sum, std::uint8_t pad) const;

  std::optional<Secret> key_;
  RunningSha256 sum_;
};

}  // namespace facesearch::storage
