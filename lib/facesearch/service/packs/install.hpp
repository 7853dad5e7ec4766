// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/fetch/archive.hpp"
#include "facesearch/fetch/fetch.hpp"
#include "facesearch/service/packs/packs.hpp"

namespace facesearch::service {

struct InstallRequest {
  /// A name of the catalogue, of a pack whose manifest is in a folder of `from`, or of an installed one; or,
  /// with a `/` in it, a manifest or the folder that holds one.
  std::string pack;
  /// Folders, archives and addresses of archives to take files from; tried before the manifest's addresses.
  std::vector<std::filesystem::path> from;
  bool offline = false;  ///< the network is not asked; file addresses are read all the same
};

/// What an installation needs.
struct InstallWork {
  Runtimes runtimes;                            ///< every network is tried before the pack is put in place
  std::function<const Transport&()> transport;  ///< called before the first download
  std::function<ReadArchive()> archives;        ///< called before the first archive is read
  FetchOptions fetch;                           ///< how files are downloaded
  std::chrono::milliseconds patience{10'000};   ///< timeout for another installation to end
  std::function<void(const std::string& file)> begin_file;  ///< called before each file; may be empty
  std::function<void()> begin_placing{};  ///< called when all is tried, before the move; may be empty
};

/// Where a file of an installation came from.
struct InstalledFile {
  std::string file;
  std::string from;       ///< a path, or an address as it may be shown
  std::string member;     ///< of the archive `from`; empty: the file is `from` itself
  bool recorded = false;  ///< its checksum was not known before; that of this file is recorded
};

struct InstallResult {
  PackInfo pack;
  bool already = false;  ///< it was installed and complete; nothing was changed
  std::vector<InstalledFile> files;
  std::vector<std::string> passed_over;  ///< files that could have been one of them and are not, in words
  std::vector<PackLack> lacks{};         ///< what it cannot do yet
};

/// Installs a pack into `places.installed`, complete and tried, or changes nothing. A download that breaks
/// off is kept for the next installation. A complete pack that is installed already stays; a damaged one is
/// repaired. Every place that may have a file is tried before its absence is an error, which names the
/// places.
///
/// Throws Error(kModelMissing) with PACK_NOT_FOUND, MODEL_FILE_MISSING, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM,
/// LFS_POINTER, CHECKSUM_UNKNOWN, ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, MODEL_UNUSABLE, RUNTIME_MISSING;
/// Error(kInvalidValue) with PACK_BUILT_IN, PACK_EXISTS, MANIFEST_INVALID, FILE_NOT_FOUND; Error(kStoreBusy);
/// as require_source and fetch_file.
InstallResult install_pack(const PackPlaces& places, const InstallRequest& request, const InstallWork& work);

/// Removes an installed pack; calibrations that were measured for it stay. Throws
/// Error(kModelMissing, PACK_NOT_INSTALLED), Error(kInvalidValue, PACK_BUILT_IN), Error(kStoreBusy).
void remove_pack(const PackPlaces& places, const std::string& name, std::chrono::milliseconds patience);

}  // namespace facesearch::service
