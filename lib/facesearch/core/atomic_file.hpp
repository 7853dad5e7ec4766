// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "facesearch/core/file.hpp"

/// Files that are written whole or not at all: a temporary file is written and synced, renamed to its path,
/// and the folder synced. Every file that the program must not lose half of is written here.
///
/// Errors before the rename leave the path as it was. After the rename the file is there, so a folder that
/// cannot be synced then is NotDurable (core/file.hpp) where a file was replaced: the new content is in place
/// and the caller must not undo what depends on it. Where a file was made it is removed again, and nothing is
/// there.
namespace facesearch {

/// A file in the making. Removed again unless it is committed.
class AtomicFile {
 public:
  enum class Existing : std::uint8_t {
    kReplace,  ///< what is at the path is replaced
    kRefuse,   ///< Error(kInvalidValue, FILE_EXISTS) if anything is at the path, now or at the commit
  };

  /// Opens the temporary file, for its owner alone (0600) whatever the umask, and locks it (flock). It lies
  /// beside `path` as `<path>.tmp-<uuid>`; those that a killed process left there are removed first.
  explicit AtomicFile(const std::filesystem::path& path, Existing existing = Existing::kReplace);
  /// With a temporary file of the caller's choice on the same file system, which must not exist.
  AtomicFile(std::filesystem::path path, Existing existing, std::filesystem::path temporary);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes) { write_all(file_, temporary_, bytes); }

  /// Makes what was written durable under the temporary name.
  void sync();

  /// Syncs the file, renames it and syncs the folder. Throws as described above.
  void commit();

  /// Where it is until it is committed.
  const std::filesystem::path& temporary() const { return temporary_; }
  const FileDescriptor& file() const { return file_; }

  /// The open file, still locked, after the commit.
  FileDescriptor release() { return std::move(file_); }

 private:
  void rename_over();
  void rename_to_nothing();

  std::filesystem::path path_;
  Existing existing_;
  std::filesystem::path temporary_;
  FileDescriptor folder_;
  FileDescriptor file_;
  bool renamed_ = false;
};

/// Replaces a file, or makes it.
void replace_file(const std::filesystem::path& path, std::string_view bytes);
void replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                  std::string_view bytes);

/// Makes a file. Throws Error(kInvalidValue, FILE_EXISTS) if anything is at the path.
void make_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace facesearch
