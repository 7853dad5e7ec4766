// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/aligned_bytes.hpp"

namespace facesearch::storage {

/// What remains of a deleted collection: a file with the sorted ids of every face that it ever had. A lookup
/// is a binary search in the file. Thread-safe.
class Tombstone {
 public:
  /// None if there is no such file. Throws Error(kStoreDamaged, TOMBSTONE_INVALID).
  static std::optional<Tombstone> open(const std::filesystem::path& path);

  bool contains(const Uuid& face) const;
  std::vector<Uuid> all() const;

 private:
  Tombstone(std::filesystem::path path, FileDescriptor file, std::uint64_t count)
      : path_(std::move(path)), file_(std::move(file)), count_(count) {}

  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t count_;
};

/// The bytes of a tombstone. The ids need no order and may occur twice.
std::string write_tombstone(std::vector<Uuid> faces);

/// Reads those bytes. `path` for the error. Throws as Tombstone::open().
std::vector<Uuid> read_tombstone(Bytes bytes, const std::filesystem::path& path);

}  // namespace facesearch::storage
