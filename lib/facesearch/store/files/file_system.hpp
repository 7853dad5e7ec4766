// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "facesearch/core/file.hpp"

namespace facesearch::storage {

using facesearch::FileDescriptor;
using facesearch::move_entry;
using facesearch::sync_folder;
using facesearch::throw_errno;

/// Makes a folder that only its owner can use, whatever the umask. One that is there becomes such.
void make_private_folder(const std::filesystem::path& path);

/// Makes a folder and those above it that are not there, each for its owner alone, durably. What is there
/// stays as it is.
void make_private_folders(const std::filesystem::path& path);

/// Opens a file for reading and writing; makes it for its owner alone, whatever the umask. Throws as
/// open_existing_file().
FileDescriptor open_private_file(const std::filesystem::path& path);

/// Opens a file for reading. A descriptor of -1 if there is none. Throws Error(kStoreDamaged, FILE_INVALID)
/// where a folder, a link, a pipe or the like is in its place.
FileDescriptor open_existing_file(const std::filesystem::path& path);

bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);

/// Size in bytes of an open file. `path` for the error.
std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path);

/// Reads exactly `size` bytes from `offset`; false if the file ends before.
bool read_at(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset, void* out,
             std::size_t size);

/// The whole file. Throws Error(kStoreDamaged, FILE_MISSING) if there is none, FILE_TOO_LARGE over the limit.
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// Puts `bytes` durably in the place of `path`, whole or not at all, by way of a new file `temporary` on the
/// same file system.
void replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                  std::string_view bytes);

/// Renames without ever replacing anything: 0, or an errno; EEXIST where there is something. Not made
/// durable.
int rename_to_nothing(const std::filesystem::path& from, const std::filesystem::path& to) noexcept;

/// Makes what is in a file durable.
void sync_file(const std::filesystem::path& path);

/// True if both names are there and lead to one file.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Overwrites a file's bytes with zeros where they lie, as far as that goes: nothing if there is none.
void overwrite_file(const std::filesystem::path& path) noexcept;

/// Removes a file or a folder and all in it, as far as that goes.
void remove_tree(const std::filesystem::path& path) noexcept;

/// A private folder that goes with the object. What is renamed out of it stays.
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
