// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/policy.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/core/uuid.hpp"

namespace facesearch {

/// Rights of an API key; bits, on disk.
enum class Scope : std::uint8_t { kEnroll = 1, kSearch = 2, kDelete = 4, kAdmin = 8 };

/// An API key as the store keeps it: its digest, never the key.
struct ApiKeyRecord {
  Uuid id;
  std::string label;
  std::array<std::uint8_t, 32> digest{};  ///< SHA-256 of the key's text
  std::uint8_t scopes = 0;                ///< Scope bits; kAdmin includes all others
  std::vector<std::string> collections;   ///< empty: all
  Timestamp created = 0;
  std::optional<Timestamp> expires;
  std::optional<Timestamp> revoked;
};

/// What a generation of a collection was made with: the pack and the meaning of its scores. It never changes,
/// Calibration::of_means aside, which comes and goes with Policy::match_by.
struct PackBinding {
  std::string pack;
  std::string fingerprint;
  int dimension = 0;
  Calibration calibration;

  bool operator==(const PackBinding&) const = default;
};

struct CollectionRecord {
  std::string id;
  Uuid generation;  ///< a new one each time the id is made again or its pack changes
  Timestamp created = 0;
  PackBinding binding;
  Policy policy;
  bool sealed = true;                    ///< encrypted under a key of its own; never changes
  std::optional<Sha256> contents_key{};  ///< of FaceRecord::content; never changes

  bool operator==(const CollectionRecord&) const = default;
};

/// Takes what may change in a collection from another record: the policy, and Calibration::of_means.
inline void take_rules(CollectionRecord& record, const CollectionRecord& from) {
  record.policy = from.policy;
  record.binding.calibration.of_means = from.binding.calibration.of_means;
}

/// A face without its template.
struct FaceRecord {
  Uuid face;
  Uuid person;
  std::string name;
  std::map<std::string, std::string> metadata;
  Timestamp created = 0;
  std::optional<Sha256> content{};  ///< HMAC, under contents_key, of what it was enrolled from
};

/// What people decided about a face, to be kept to when others like it come.
struct Decision {
  enum class Kind : std::uint8_t {
    kNotThisPerson = 1,  ///< the face is not of `person`
    kNotAgain = 2,       ///< the face was deleted, and is not to be enrolled again
    kNotInMean = 3,      ///< the face is left out of its person's mean
  };

  Kind kind = Kind::kNotThisPerson;
  Uuid face;
  Uuid person{};  ///< of kNotThisPerson
  Timestamp made = 0;
  std::optional<Sha256> content{};  ///< of kNotAgain: FaceRecord::content of the face, where it had one
  std::vector<float> values{};      ///< of kNotAgain, where that was asked for: its template

  bool operator==(const Decision&) const = default;
};

inline constexpr std::size_t kMostDecisions = 100'000;  ///< of a collection

/// Throws Error(kInvalidValue, TOO_MANY_DECISIONS) above kMostDecisions.
void require_decisions(std::size_t count);

/// Two decisions about the same.
inline bool is_about_the_same(const Decision& a, const Decision& b) {
  return a.kind == b.kind && a.face == b.face && a.person == b.person;
}

/// True if two records have the same person, name and metadata.
inline bool says_the_same(const FaceRecord& a, const FaceRecord& b) {
  return a.person == b.person && a.name == b.name && a.metadata == b.metadata;
}

/// Where a face is and whose it is.
struct FaceIds {
  std::uint64_t slot = 0;
  Uuid face;
  Uuid person;
};

/// One gallery row, valid during the visit only.
struct TemplateRow {
  std::uint64_t slot = 0;  ///< rises with every face that is added; never used again
  Uuid face;
  Uuid person;
  std::span<const float> values;
};

}  // namespace facesearch
