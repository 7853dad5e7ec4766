// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Archives whose members may be a network's file: zip (a wheel is one), tar, and both or a single file under
/// gzip or bzip2. What reads them is a module of its own (archive/), because only installations need it.
namespace facesearch {

enum class ArchiveForm : std::uint8_t { kNone, kZip, kTar, kGzip, kBzip2 };

/// By the first bytes of a file; kArchiveStart are enough.
inline constexpr std::size_t kArchiveStart = 512;
ArchiveForm archive_form(std::string_view start);

/// True if a file name or an address ends as those of archives do (.zip, .whl, .tar, .tgz, .gz, .bz2).
bool is_archive_name(std::string_view name);

/// A name without the ending of a compression: `x.dat` of `x.dat.bz2`. Others come back as they are.
std::string_view uncompressed_name(std::string_view name);

struct ArchiveLimits {
  std::uint64_t max_members = 100'000;
  std::uint64_t max_bytes = std::uint64_t{4} << 30U;  ///< unpacked, members that are passed over included
  /// Of unpacked to packed bytes; not applied to the first `free_bytes`. Networks are packed to 0.9 or more.
  std::uint64_t max_ratio = 200;
  std::uint64_t free_bytes = std::uint64_t{64} << 20U;
};

/// Why a member has no bytes to take.
enum class Obstacle : std::uint8_t { kNone, kLink, kFolder, kNoFile, kEncrypted };

/// A member as its head describes it. Nothing of that is checked yet.
struct ArchiveMember {
  std::string name;                    ///< for people, and as a hint; never used as a path
  std::optional<std::uint64_t> bytes;  ///< unpacked; unknown of a single compressed file
  Obstacle obstacle = Obstacle::kNone;
};

/// Receives the members. An exception from a member function ends the reading; it is thrown on.
class ArchiveSink {
 public:
  enum class Choice : std::uint8_t { kTake, kPassOver, kEnough };

  ArchiveSink() = default;
  ArchiveSink(const ArchiveSink&) = delete;
  ArchiveSink& operator=(const ArchiveSink&) = delete;
  virtual ~ArchiveSink() = default;

  /// Called for every member. kEnough ends the reading. One with an obstacle must not be taken.
  virtual Choice begin(const ArchiveMember& member) = 0;

  /// Bytes of the member that was taken. False: no more of it is wanted.
  virtual bool take(std::string_view bytes) = 0;

  /// The member is whole, or take() wanted no more; or it is damaged for the reason in `fault`.
  /// Not called where an error ends the reading.
  virtual void end(const std::string& fault) = 0;
};

/// Reads the members of an open file in their order. `name` is the file's, for errors and for a single
/// compressed file. Throws Error(kModelMissing) with ARCHIVE_INVALID (damaged, cut short, no archive) or
/// ARCHIVE_TOO_LARGE (over a limit), naming it; as throw_errno (core/file.hpp); std::bad_alloc; and what the
/// sink throws.
using ReadArchive = void (*)(int file, const std::string& name, const ArchiveLimits& limits,
                             ArchiveSink& sink);

/// Loads `folder/facesearch-archive.so` (never unloaded) and returns its reader. Thread-safe. Throws
/// Error(kModelMissing, RUNTIME_MISSING) if it cannot be loaded.
ReadArchive load_archive_reader(const std::filesystem::path& folder);

/// Name of the one symbol the module exports: `extern "C" ReadArchive facesearch_archive_v2()`.
inline constexpr const char* kArchiveSymbol = "facesearch_archive_v2";

}  // namespace facesearch
