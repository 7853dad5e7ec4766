// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/file.hpp"

/// Files of a store. What core/file.hpp does, and what a store's files need beyond it: a file must be a file
/// and no link, and one that is not there, or is too large, is damage.
namespace facesearch::storage {

using facesearch::file_size;
using facesearch::FileDescriptor;
using facesearch::is_file;
using facesearch::is_folder;
using facesearch::make_private_folder;
using facesearch::make_private_folders;
using facesearch::move_entry;
using facesearch::read_at;
using facesearch::remove_tree;
using facesearch::replace_file;
using facesearch::sync_folder;
using facesearch::throw_errno;

/// Opens a file for reading and writing; makes it for its owner alone (0600), whatever the umask. Throws as
/// open_existing_file() does.
FileDescriptor open_private_file(const std::filesystem::path& path);

/// Opens a file for reading; an invalid descriptor if there is none. Throws Error(kStoreDamaged,
/// FILE_INVALID) where a folder, a link, a pipe or the like is in its place.
FileDescriptor open_existing_file(const std::filesystem::path& path);

/// The whole file. Throws Error(kStoreDamaged): FILE_MISSING, FILE_TOO_LARGE above `limit` bytes,
/// FILE_TRUNCATED.
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// Overwrites a file with zeros in place, as far as possible. Nothing if there is no file.
void overwrite_file(const std::filesystem::path& path) noexcept;

/// A private folder that is removed with the object. Entries that are renamed out of it stay.
class WorkFolder {
 public:
  explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) { make_private_folder(path_); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() { remove_tree(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace facesearch::storage
