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

/// What a file must be, and where it is to be had.
struct WantedFile {
  std::vector<std::string> urls;       ///< tried in this order: http, https, file
  std::optional<std::uint64_t> bytes;  ///< its size, where it is known
  std::optional<std::string> sha256;   ///< 64 lower-case hexadecimal digits, where it is known
};

struct FetchedFile {
  std::uint64_t bytes;
  std::string sha256;
  std::string address;  ///< the one it came from, as it may be shown; empty if it was there already, whole
};

struct FetchOptions {
  int tries = 5;                                ///< per address; a try that adds 1 MiB is not counted
  std::chrono::seconds stall{30};               ///< without a byte, until a try is given up
  std::chrono::milliseconds first_pause{1000};  ///< between tries; doubles, up to 30 s
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;
  /// Rights of the file in its place; it grows with 0600.
  std::filesystem::perms rights = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  /// Told how far it is, after every piece.
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)> progress;
  /// Told why a try failed, before the pause that comes then.
  std::function<void(const std::string& why, std::chrono::milliseconds pause)> trying_again;
};

/// Brings a file to `path`, in the place of what is there: whole, checked and durable, or not at all. It
/// grows in `partial`, on the same file system. What a cut download leaves there is gone on with, by this
/// call and, where the SHA-256 is known, by a later one; then it is there already if it has that sum. After
/// every other error `partial` is gone. Without bytes and sha256 any file is taken that came whole.
///
/// Throws Error(kModelMissing): DOWNLOAD_FAILED, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM or LFS_POINTER, as the
/// last address had it, with what each had in the detail; DOWNLOAD_RUNNING if another process fetches to
/// `partial`. Throws the Error of an errno (core/file.hpp), and what the functions of `options` throw.
FetchedFile fetch_file(const Transport& transport, const WantedFile& wanted,
                       const std::filesystem::path& path, const std::filesystem::path& partial,
                       const FetchOptions& options = {});

}  // namespace facesearch
