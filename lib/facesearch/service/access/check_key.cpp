// SPDX-License-Identifier: MIT
#include "facesearch/service/access/check_key.hpp"

#include <algorithm>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/secret.hpp"

namespace facesearch::service {
namespace {

[[noreturn]] void deny(const char* reason, const char* detail) {
  throw Error(Cause::kAccessDenied, reason, detail);
}

}  // namespace

Caller authenticate(Store& store, const std::optional<std::string>& key, Scopes any_of, Timestamp now) {
  if (!key || key->empty()) {
    throw Error(Cause::kApiKeyRequired, "",
                "no API key was given; name its file with --api-key-file, or put it into FACESEARCH_API_KEY");
  }
  const Sha256 digest = sha256(*key);
  const std::vector<ApiKeyRecord> keys = store.api_keys().list();
  const ApiKeyRecord* known = nullptr;
  for (const ApiKeyRecord& record : keys) {
    if (equal_in_constant_time(record.digest, digest)) known = &record;
  }
  // Which check failed is no secret from somebody who holds the 256 bits of the key.
  if (known == nullptr) deny("KEY_UNKNOWN", "this store does not know the API key");
  if (known->revoked) deny("KEY_REVOKED", "the API key has been revoked");
  if (known->expires && *known->expires <= now) deny("KEY_EXPIRED", "the API key has expired");
  const Scopes allowed = any_of | scope_bit(Scope::kAdmin);
  if ((known->scopes & allowed) == 0) deny("SCOPE_MISSING", "the API key's scopes do not allow this call");
  return {known->scopes, known->collections};
}

bool allows_collection(const Caller& caller, std::string_view collection) {
  const auto& allowed = caller.collections;
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), collection) != allowed.end();
}

void require_collection(const Caller& caller, std::string_view collection) {
  if (allows_collection(caller, collection)) return;
  deny("COLLECTION_NOT_ALLOWED", "the API key is not for this collection");
}

void require_every_collection(const Caller& caller) {
  if (caller.collections.empty()) return;
  deny("COLLECTION_NOT_ALLOWED",
       "the API key is for some collections only, and this call concerns all of them");
}

}  // namespace facesearch::service
