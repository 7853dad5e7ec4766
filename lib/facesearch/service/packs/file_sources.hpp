// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/service/packs/install.hpp"
#include "facesearch/service/packs/search_report.hpp"

namespace facesearch::service {

/// A file that is a network's: of the manifest's size and checksum where that has them, else of its name.
struct OfferedFile {
  std::string from;    ///< a path, or an address as it may be shown
  std::string member;  ///< of the archive `from`; empty: it is `from` itself
  RecordedFile record;
  std::vector<std::uint8_t> bytes;  ///< the file that was checked, where it lies in a folder
  std::filesystem::path unpacked;   ///< else where it lies now, to be copied from there
};

/// The bytes of a file that may be the network's, checked against size and checksum where they are known.
/// Throws Error(kModelMissing) with MODEL_FILE_MISSING, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM, LFS_POINTER.
std::vector<std::uint8_t> read_candidate(const NetworkFile& network, const std::filesystem::path& path);

/// read_candidate as an offer. Where it throws, the reason goes into the report and nothing is returned.
std::optional<OfferedFile> offer(const NetworkFile& network, const std::filesystem::path& path,
                                 SearchReport& report);

/// A place that may have files of a pack.
class FileSource {
 public:
  FileSource() = default;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  virtual ~FileSource() = default;

  /// Looks for one file. What was looked at and passed over goes into the report.
  virtual std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) = 0;
};

/// What the sources of one installation share.
struct SourceNeeds {
  const Pack& pack;
  const InstallWork& work;
  std::filesystem::path partial;    ///< holds downloads that are not complete
  std::filesystem::path temporary;  ///< a folder that exists and is removed after the installation
};

/// A folder that the user named, with the folders below it (files_below); a file; an archive; or an address
/// of one, which is fetched when it is first needed, and once. `from` is one of request.from, or an address
/// of a manifest.
std::unique_ptr<FileSource> make_source(const SourceNeeds& needs, const std::filesystem::path& from);

/// Throws Error(kInvalidValue) with FOLDER_INVALID where `from` is no folder, no archive, no address and no
/// file that may be a network's, and OFFLINE where it is an address that `offline` forbids; kPermissionDenied
/// or kFileSystem for a file that cannot be read.
void require_source(const std::filesystem::path& from, bool offline);

}  // namespace facesearch::service
