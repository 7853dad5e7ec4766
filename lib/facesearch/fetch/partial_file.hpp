// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/file.hpp"

namespace facesearch {

/// The file that a download grows in, with its running SHA-256. Its lock keeps other processes away. Every
/// member throws as throw_errno (core/file.hpp).
class PartialFile {
 public:
  /// Opens or creates the file (0600). Keeps up to `most` bytes; empties a larger file. Throws
  /// Error(kModelMissing, DOWNLOAD_RUNNING) if it is locked.
  PartialFile(std::filesystem::path path, std::uint64_t most);

  std::uint64_t size() const { return size_; }
  std::string sha256() const;

  /// Its first bytes, at most `most`.
  std::string start(std::size_t most) const;

  void append(std::string_view bytes);
  void empty();

  /// Makes it durable and renames it to `path`, in the place of what is there.
  void put_in_place(const std::filesystem::path& path, std::filesystem::perms rights);

  /// Takes it away; never throws.
  void remove() noexcept;

 private:
  void open();
  void read_all();

  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  RunningSha256 digest_;
};

}  // namespace facesearch
