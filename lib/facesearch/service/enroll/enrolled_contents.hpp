// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "facesearch/service/probe/probe.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// The key of a collection's digests.
Sha256 contents_key(const CollectionRecord& collection);

/// The keyed digest of what a face is enrolled from: a picture's bytes, or a template.
Sha256 content_of(const CollectionRecord& collection, const ProbeInput& input);

/// The same under any key.
Sha256 keyed_digest(Sha256 key, const ProbeInput& input);

/// A face and whose it is.
struct FaceOf {
  Uuid face;
  Uuid person;
};

/// What a collection's faces were enrolled from and, where asked for, who has which name. It learns of what
/// came, not of what was erased: a snapshot has to confirm what it says. Thread-safe.
class Contents {
 public:
  explicit Contents(bool with_names) : with_names_(with_names) {}

  /// Takes in what has come to the collection since the last time; all of it anew where slots were given
  /// anew.
  void take_in(const Snapshot& snapshot);

  /// Takes in a face that the caller added; what a later snapshot shows of it changes nothing.
  void add(const FaceRecord& face);

  /// The face that was last enrolled from this. It may be erased by now.
  std::optional<FaceOf> find(const Sha256& content) const;

  /// True if nothing was erased since all was taken in: then what it says needs no other confirmation.
  bool is_whole(const Snapshot& snapshot) const;

  /// That face is erased.
  void forget(const Sha256& content, const Uuid& face);

  /// Up to two of the persons of that name that the snapshot has; some of the others are forgotten. None
  /// without names. The snapshot is younger than all that was taken in.
  std::vector<Uuid> two_persons(const std::string& name, const Snapshot& snapshot);

 private:
  struct First8 {
    std::size_t operator()(const Sha256& digest) const {
      std::size_t value = 0;
      std::memcpy(&value, digest.data(), sizeof(value));
      return value;
    }
  };

  void put(const FaceRecord& face);

  const bool with_names_;
  mutable std::mutex mutex_;  // of what follows
  std::optional<std::uint64_t> switches_;
  std::uint64_t next_slot_ = 0;
  std::uint64_t erased_ = 0;  // slots of erased faces when all was taken in
  std::unordered_map<Sha256, FaceOf, First8> faces_;
  std::unordered_map<std::string, std::vector<Uuid>> names_;  // of many persons, some more than once
};

}  // namespace facesearch::service
