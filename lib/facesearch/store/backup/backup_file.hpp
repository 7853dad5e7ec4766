// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "facesearch/core/atomic_file.hpp"
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

/// A backup in the making: an AtomicFile that refuses an existing one, written in large blocks.
class NewBackupFile {
 public:
  /// Throws Error(kInvalidValue, FILE_EXISTS) if there is anything at `path`.
  explicit NewBackupFile(const std::filesystem::path& path) : file_(path, AtomicFile::Existing::kRefuse) {}

  void write(Bytes bytes);

  /// Makes what was written durable, and drops it from the page cache so that it is read from the disk next.
  void sync();

  /// Where it is until commit().
  const std::filesystem::path& temporary() const { return file_.temporary(); }

  void commit() { file_.commit(); }

 private:
  void flush();

  AtomicFile file_;
  std::string buffer_;
};

}  // namespace facesearch::storage
