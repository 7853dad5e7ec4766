// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/fetch/archive.hpp"

namespace facesearch::service {

/// A network's file that was in an archive: of the manifest's size and checksum where that has them, else of
/// its name.
struct UnpackedFile {
  const NetworkFile* network = nullptr;
  std::string member;          ///< its name in the archive
  std::filesystem::path path;  ///< where it lies now
  RecordedFile record;
};

/// What an archive had for the networks.
struct Unpacked {
  struct Fault {
    const NetworkFile* network = nullptr;  ///< that it concerns; none: all
    std::string reason;                    ///< of docs/errors.md
    std::string words;
  };

  std::vector<UnpackedFile> files;
  std::vector<Fault> faults;
  std::size_t members = 0;         ///< that were looked at, folders not counted
  std::vector<std::string> names;  ///< of the first of them
};

/// Unpacks the members that are one of `networks` into `folder`, under names made here. Where a manifest pins
/// nothing the first member of the file's name is taken. Damage, limits and members that are nearly right
/// become faults; what came whole before the damage counts, because it was checked. `shown` names the
/// archive. Throws what reading and writing throw, but no Error(kModelMissing).
Unpacked unpack(ReadArchive read, const std::filesystem::path& archive, const std::string& shown,
                const std::vector<const NetworkFile*>& networks, const std::filesystem::path& folder,
                const ArchiveLimits& limits = {});

}  // namespace facesearch::service
