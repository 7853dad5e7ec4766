// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "facesearch/service/probe/probe.hpp"
#include "facesearch/store/store.hpp"

/// Was this enrolled before? A batch that is run again must not enrol its pictures twice, so each face keeps
/// a keyed digest of what it was enrolled from.
namespace facesearch::service {

/// The key of a collection's digests.
Sha256 digest_key(const CollectionRecord& collection);

/// The keyed digest of what a face is enrolled from: a picture's bytes, or a template.
Sha256 digest_of(const CollectionRecord& collection, const ProbeInput& input);

/// The same under any key.
Sha256 keyed_digest(Sha256 key, const ProbeInput& input);

/// Of one face of a picture whose faces are enrolled each for itself, from the picture's digest. `rank`: its
/// place among the faces that are not refused, from 0; `last`: no other comes after it.
Sha256 digest_of_face(const Sha256& picture, std::size_t rank, bool last);

/// What FaceRecord::content is of a face of a picture: of one that was enrolled among all faces, by its rank;
/// and, where it is `alone` the one that would be taken of the picture, of one that was enrolled so.
std::vector<Sha256> contents_of_face(const Sha256& picture, std::size_t rank, bool alone);

/// The same for the one face that was taken of a picture, or a template.
std::vector<Sha256> contents_of_probe(const Sha256& digest, const Probe& probe);

/// A face and its person.
struct KnownFace {
  Uuid face;
  Uuid person;
  std::size_t said = 0;  ///< a hash of the name and metadata it was enrolled with; hash_of()
};

/// Of a name, whichever way Unicode spells it, and metadata: equal ones have equal hashes.
std::size_t hash_of(const std::string& name, const std::map<std::string, std::string>& metadata);

/// The name of a person whom no request names: this and a number from 1.
inline constexpr std::string_view kUnknownName = "unknown-";

/// The highest number that is given.
inline constexpr std::uint64_t kMostUnknown = 999'999'999;

/// That number; 0 for another name, and above kMostUnknown.
std::uint64_t unknown_number(std::string_view name);

/// The digests of a collection's faces and, where asked for, the persons of each name. It follows additions,
/// not deletions: check what it says with a snapshot. Thread-safe.
class KnownPictures {
 public:
  explicit KnownPictures(bool with_names) : with_names_(with_names) {}

  /// Adds what has come to the collection since the last call; reads all of it again if its slots were
  /// renumbered, or persons, names or metadata changed.
  void update(const Snapshot& snapshot);

  /// Adds a face that the caller enrolled; that a later snapshot shows it too changes nothing.
  void add(const FaceRecord& face);

  /// The face that was enrolled last from this picture or template. It may have been deleted.
  std::optional<KnownFace> find(const Sha256& digest) const;

  /// All faces of a picture, if all that are not refused were enrolled, each for itself; else none. They may
  /// have been deleted.
  std::vector<KnownFace> find_whole(const Sha256& picture) const;

  /// The highest N of the names `unknown-N`.
  std::uint64_t last_unknown() const;

  /// True if the snapshot shows no deletion since all was read: then what find() returns needs no check.
  bool none_deleted(const Snapshot& snapshot) const;

  /// The face was deleted.
  void forget(const Sha256& digest, const Uuid& face);

  /// Up to two of the persons of that name, whichever way Unicode spells it, that the snapshot has; drops
  /// some that it has not. Empty without names. The snapshot must not be older than the last update().
  std::vector<Uuid> two_persons(const std::string& name, const Snapshot& snapshot);

 private:
  struct First8Bytes {
    std::size_t operator()(const Sha256& digest) const {
      std::size_t value = 0;
      std::memcpy(&value, digest.data(), sizeof(value));
      return value;
    }
  };

  void put(const FaceRecord& face);

  const bool with_names_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<std::uint64_t> switches_;
  std::uint64_t changes_ = 0;
  std::uint64_t next_slot_ = 0;
  std::uint64_t deleted_ = 0;  // slots of deleted faces when all was read
  std::unordered_map<Sha256, KnownFace, First8Bytes> faces_;
  std::uint64_t last_unknown_ = 0;
  std::unordered_map<std::string, std::vector<Uuid>>
      names_;  // composed; of many persons, some more than once
};

}  // namespace facesearch::service
