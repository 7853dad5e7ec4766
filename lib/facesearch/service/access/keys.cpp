// SPDX-License-Identifier: MIT
#include "facesearch/service/access/keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/service/access/check_key.hpp"

namespace facesearch::service {
namespace {

constexpr std::size_t kMaxLabelBytes = 128;
constexpr std::size_t kKeyBytes = 32;

// Control characters (C0, DEL, and C1 as UTF-8 writes it) could drive the terminal that lists the keys.
bool has_controls(std::string_view text) {
  unsigned char previous = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte >= 0x80 && byte < 0xA0)) return true;
    previous = byte;
  }
  return false;
}

void require_label(std::string_view label) {
  if (label.size() > kMaxLabelBytes) {
    throw Error(Cause::kInvalidValue, "LABEL_INVALID",
                fmt::format("the label has {} bytes, the most is {}", label.size(), kMaxLabelBytes));
  }
  if (!is_utf8(label)) throw Error(Cause::kInvalidValue, "LABEL_INVALID", "the label is not UTF-8");
  if (has_controls(label)) {
    throw Error(Cause::kInvalidValue, "LABEL_INVALID", "the label holds control characters");
  }
}

void require_scopes(std::uint8_t scopes) {
  if (scopes != 0 && (scopes & ~kAnyScope) == 0) return;
  throw Error(Cause::kInvalidValue, "SCOPE_REQUIRED",
              "a key needs one or more of the scopes enroll, search, delete, admin");
}

void require_ids(const std::vector<std::string>& collections) {
  for (std::size_t i = 0; i < collections.size(); ++i) {
    if (is_collection_id(collections[i])) continue;
    throw Error(Cause::kInvalidValue, "COLLECTION_ID_INVALID",
                fmt::format("collection {} of the key's list is no collection id: those have {}", i + 1,
                            kCollectionIdRule));
  }
}

}  // namespace

NewKey make_key(std::string label, std::uint8_t scopes, std::vector<std::string> collections,
                std::optional<Timestamp> expires, Timestamp now) {
  require_label(label);
  require_scopes(scopes);
  require_ids(collections);
  if (expires && *expires <= now) {
    throw Error(Cause::kInvalidValue, "EXPIRY_IN_THE_PAST",
                fmt::format("the key would expire at {}, it is {}", rfc3339(*expires), rfc3339(now)));
  }
  std::sort(collections.begin(), collections.end());
  collections.erase(std::unique(collections.begin(), collections.end()), collections.end());

  std::array<std::uint8_t, kKeyBytes> secret{};
  random_bytes(secret);
  std::string digits = hex(secret);
  const CleanseAtEnd wiped(digits);
  cleanse(secret.data(), secret.size());
  NewKey made;
  made.key.reserve(4 + digits.size());  // a string that grows leaves a copy behind
  made.key.append("fsk_").append(digits);
  made.record.id = Uuid::make();
  made.record.label = std::move(label);
  made.record.digest = sha256(made.key);
  made.record.scopes = scopes;
  made.record.collections = std::move(collections);
  made.record.created = now;
  made.record.expires = expires;
  return made;
}

NewKey create_key(Store& store, std::string label, std::uint8_t scopes, std::vector<std::string> collections,
                  std::optional<Timestamp> expires, Timestamp now) {
  NewKey made = make_key(std::move(label), scopes, std::move(collections), expires, now);
  store.api_keys().add(made.record);
  return made;
}

void revoke_key(Store& store, std::string_view key_id, Timestamp now) {
  const auto id = Uuid::parse(key_id);
  if (id && store.api_keys().revoke(*id, now)) return;
  // Not echoed: somebody may have given the key in place of its id.
  throw Error(Cause::kInvalidValue, "KEY_NOT_FOUND",
              "no API key has this id; it is the UUID that the list of keys shows, not the key itself");
}

void rotate_master(Store& store, const PassphraseChange& passphrase) {
  // To the store an empty passphrase means none; that must be asked for.
  if (passphrase.to && passphrase.to->empty()) {
    throw Error(Cause::kInvalidValue, "PASSPHRASE_EMPTY", "the new passphrase is empty");
  }
  store.upkeep().rotate_master(passphrase.none ? std::optional<std::string>("") : passphrase.to);
}

}  // namespace facesearch::service
