// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/fetch/transport.hpp"

namespace facesearch {

/// What to download, and from where.
struct WantedFile {
  std::vector<std::string> urls;       ///< http, https or file, tried in this order
  std::optional<std::uint64_t> bytes;  ///< its size, if known
  std::optional<std::string> sha256;   ///< 64 lower-case hexadecimal digits, if known
};

struct FetchedFile {
  std::uint64_t bytes;
  std::string sha256;
  std::string address;  ///< its address without secrets; empty if the whole file was there already
};

struct FetchOptions {
  int tries = 5;                                ///< per address; a try that adds 1 MiB is not counted
  std::chrono::seconds stall{30};               ///< without a byte, until a try is given up
  std::chrono::milliseconds first_pause{1000};  ///< between tries; doubles, up to 30 s
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;
  /// Rights of the finished file; the partial file has 0600.
  std::filesystem::perms rights = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  /// Called after every piece.
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)> progress;
  /// Called after a failed try, before the pause.
  std::function<void(const std::string& why, std::chrono::milliseconds pause)> trying_again;
};

/// Downloads a file to `path`, replacing what is there: whole, checked and durable, or not at all. It grows
/// in `partial`, on the same file system. A cut download is resumed from there, by this call and, if the
/// SHA-256 is known, by a later one. After every other error `partial` is removed. Without bytes and sha256,
/// any file that came whole is accepted.
///
/// Throws Error(kModelMissing): DOWNLOAD_FAILED, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM or LFS_POINTER, the
/// reason of the last address, with a detail about each; DOWNLOAD_RUNNING if another process writes
/// `partial`. Throws as throw_errno (core/file.hpp), and what the functions of `options` throw.
FetchedFile fetch_file(const Transport& transport, const WantedFile& wanted,
                       const std::filesystem::path& path, const std::filesystem::path& partial,
                       const FetchOptions& options = {});

}  // namespace facesearch
