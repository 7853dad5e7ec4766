// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/store.hpp"

/// Where an API key is checked: is it known and valid, does its scope cover the call, may it use the
/// collection.
namespace facesearch::service {

/// What a key that was checked allows.
struct Caller {
  std::uint8_t scopes = 0;
  std::vector<std::string> collections;  ///< empty: all
};

/// Scope bits of which a key needs any one (kAdmin always does).
using Scopes = std::uint8_t;
constexpr Scopes scope_bit(Scope scope) {
  return static_cast<Scopes>(scope);
}
inline constexpr Scopes kAnyScope = 15;

/// Throws Error(kApiKeyRequired) without a key (or an empty one), Error(kAccessDenied) if it is
/// unknown, revoked, expired, or has none of the scopes. The detail never says more than which of these.
Caller authenticate(Store& store, const std::optional<std::string>& key, Scopes any_of, Timestamp now);

/// True if the caller's key is for this collection.
bool allows_collection(const Caller& caller, std::string_view collection);

/// Throws Error(kAccessDenied, COLLECTION_NOT_ALLOWED) if the caller's key is not for this collection.
void require_collection(const Caller& caller, std::string_view collection);

/// Throws Error(kAccessDenied, COLLECTION_NOT_ALLOWED) if the caller's key is limited to some collections:
/// what concerns all of them, keys above all, is not for it.
void require_every_collection(const Caller& caller);

}  // namespace facesearch::service
