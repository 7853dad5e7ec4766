// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/core/secret.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// A key that was just made, with the one copy of its text that there ever is.
struct NewKey {
  NewKey() = default;
  NewKey(ApiKeyRecord made, std::string text) : record(std::move(made)), key(std::move(text)) {}
  NewKey(NewKey&&) = default;
  NewKey& operator=(NewKey&&) = default;
  ~NewKey() { cleanse(key.data(), key.size()); }

  ApiKeyRecord record;
  std::string key;  ///< `fsk_` and 64 hexadecimal digits of 256 random bits
};

/// Makes an API key that no store knows yet. `expires` must be after `now`. Throws Error(kInvalidValue) with
/// SCOPE_REQUIRED, EXPIRY_IN_THE_PAST, COLLECTION_ID_INVALID or LABEL_INVALID.
NewKey make_key(std::string label, std::uint8_t scopes, std::vector<std::string> collections,
                std::optional<Timestamp> expires, Timestamp now);

/// Makes and stores an API key. Throws Error(kInvalidValue) with SCOPE_REQUIRED, EXPIRY_IN_THE_PAST,
/// COLLECTION_ID_INVALID or LABEL_INVALID.
NewKey create_key(Store& store, std::string label, std::uint8_t scopes, std::vector<std::string> collections,
                  std::optional<Timestamp> expires, Timestamp now);

/// Throws Error(kInvalidValue, KEY_NOT_FOUND).
void revoke_key(Store& store, std::string_view key_id, Timestamp now);

/// How the passphrase that wraps the file of master keys changes.
struct PassphraseChange {
  std::optional<std::string> to;  ///< none: unchanged
  bool none = false;              ///< the file is not wrapped any more
};

/// Replaces the present master key by a new one. Throws Error(kInvalidValue, PASSPHRASE_EMPTY) and
/// as Store::rotate_master().
void rotate_master(Store& store, const PassphraseChange& passphrase);

}  // namespace facesearch::service
