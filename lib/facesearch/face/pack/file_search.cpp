// SPDX-License-Identifier: MIT
// Finds a network's file below a folder by what it is. The walk goes level by level, reads the names of a
// level in order, and is bounded; only files of the right size are read.
#include "facesearch/face/pack/file_search.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/file.hpp"

namespace facesearch {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  FolderFiles run(const fs::path& folder) {
    std::vector<fs::path> level{folder};
    for (int depth = 0; !level.empty(); ++depth) {
      if (depth > kMostDepthBelow) {
        found_.all = false;
        break;
      }
      std::vector<fs::path> next;
      for (const fs::path& here : level) read(here, next);
      level = std::move(next);
    }
    return std::move(found_);
  }

 private:
  void read(const fs::path& folder, std::vector<fs::path>& folders) {
    std::error_code failed;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (++entries_ > kMostEntriesBelow) {
        found_.all = false;
        break;
      }
      entries.push_back(*entry);
    }
    if (failed) found_.closed.push_back(folder);
    std::ranges::sort(entries, {}, [](const fs::directory_entry& entry) { return entry.path(); });
    for (const fs::directory_entry& entry : entries) {
      std::error_code unknown;
      if (entry.is_regular_file(unknown)) {
        const std::uintmax_t bytes = entry.file_size(unknown);
        if (!unknown) found_.files.push_back({entry.path(), bytes});
      } else if (fs::is_directory(entry.symlink_status(unknown))) {
        folders.push_back(entry.path());
      }
    }
  }

  FolderFiles found_;
  std::size_t entries_ = 0;
};

}  // namespace

FolderFiles files_below(const fs::path& folder) {
  return Walk().run(folder);
}

std::string bare_name(const NetworkFile& network) {
  return fs::path(network.file).filename().string();
}

std::optional<std::string> checksum_of(const fs::path& path, std::uint64_t bytes) {
  constexpr std::size_t kBlock = 1U << 20U;
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) != bytes)
    return std::nullopt;
  RunningSha256 digest;
  std::vector<char> block(kBlock);
  for (std::uint64_t used = 0;;) {
    const ssize_t got = uninterrupted([&] { return ::read(file.get(), block.data(), block.size()); });
    if (got < 0) return std::nullopt;
    if (got == 0) return used == bytes ? std::optional(hex(digest.value())) : std::nullopt;
    used += static_cast<std::uint64_t>(got);
    if (used > bytes) return std::nullopt;
    digest.add(std::string_view(block.data(), static_cast<std::size_t>(got)));
  }
}

const FolderFiles& FilesBelow::files() {
  const std::lock_guard lock(mutex_);
  return walked();
}

std::optional<fs::path> FilesBelow::find(const NetworkFile& network) {
  if (network.sha256.empty()) return std::nullopt;
  const std::string name = bare_name(network);
  const std::lock_guard lock(mutex_);
  for (const bool named : {true, false}) {
    for (const FileBelow& file : walked().files) {
      if (file.bytes != network.bytes || (file.path.filename() == name) != named) continue;
      if (checksum(file) == network.sha256) return file.path;
    }
  }
  return std::nullopt;
}

const FolderFiles& FilesBelow::walked() {
  if (!files_) files_ = files_below(folder_);
  return *files_;
}

const std::optional<std::string>& FilesBelow::checksum(const FileBelow& file) {
  const auto [known, is_new] = checksums_.try_emplace(file.path);
  if (is_new) known->second = checksum_of(file.path, file.bytes);
  return known->second;
}

}  // namespace facesearch
