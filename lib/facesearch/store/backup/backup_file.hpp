// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "facesearch/store/backup/backup_stream.hpp"
#include "facesearch/store/files/file_system.hpp"

/// The file of a backup, at a place that a user names.
namespace facesearch::storage {

/// A backup that is there. One descriptor for all that is read: what takes the file's place meanwhile is not
/// read.
class BackupFile final : public BackupBytes {
 public:
  /// Throws Error(kInvalidValue): FILE_NOT_FOUND; BACKUP_DAMAGED for what is no file.
  explicit BackupFile(std::filesystem::path path);

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) const override;
  [[noreturn]] void damaged(std::string_view what) const override;

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
};

/// A backup that is being made in a file of its own beside its place; gone with the object till it is placed.
class NewBackupFile {
 public:
  /// For its owner alone. Throws Error(kInvalidValue, FILE_EXISTS) if there is anything at `path`.
  explicit NewBackupFile(std::filesystem::path path);
  NewBackupFile(const NewBackupFile&) = delete;
  NewBackupFile& operator=(const NewBackupFile&) = delete;
  ~NewBackupFile();

  void write(Bytes bytes);

  /// Makes what was written durable, and sees to it that it is read from the disk next.
  void sync();

  /// Where it is till it is placed.
  const std::filesystem::path& temporary() const { return temporary_; }

  /// Gives it its name, durably, and in the place of nothing: throws FILE_EXISTS as the constructor.
  void place();

 private:
  void flush();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  FileDescriptor file_;
  std::string buffer_;
};

}  // namespace facesearch::storage
