// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "facesearch/service/probe.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// The key of a collection's digests.
Sha256 contents_key(const CollectionRecord& collection);

/// The keyed digest of what a face is enrolled from: a picture's bytes, or a template.
Sha256 content_of(const CollectionRecord& collection, const ProbeInput& input);

/// A face and whose it is.
struct FaceOf {
  Uuid face;
  Uuid person;
};

/// What a collection's faces were enrolled from and, where asked for, who has which name. Thread-safe.
class Contents {
 public:
  explicit Contents(bool with_names) : with_names_(with_names) {}

  /// Takes in what has come to the collection since the last time.
  void take_in(const Snapshot& snapshot);

  /// Takes in a face that the caller added; what a later snapshot shows of it changes nothing.
  void add(const FaceRecord& face);

  std::optional<FaceOf> find(const Sha256& content) const;

  /// The persons of that name, each once. None without names.
  std::vector<Uuid> persons(const std::string& name) const;

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
  std::uint64_t next_slot_ = 0;
  std::unordered_map<Sha256, FaceOf, First8> faces_;
  std::unordered_map<std::string, std::vector<Uuid>> names_;
};

}  // namespace facesearch::service
