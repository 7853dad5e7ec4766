// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/unpacking.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/fetch/body.hpp"
#include "facesearch/service/packs/search_report.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;
using Networks = std::vector<const NetworkFile*>;

std::uint64_t most_bytes(const NetworkFile& network) {
  return network.sha256.empty() ? kMostNetworkBytes : network.bytes;
}

std::string_view words_of(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNone:
      break;
    case Obstacle::kLink:
      return "a link";
    case Obstacle::kFolder:
      return "a folder";
    case Obstacle::kNoFile:
      return "no file";
    case Obstacle::kEncrypted:
      return "encrypted";
  }
  return "";
}

// Writes the members that may be a network, and keeps those that are.
class Unpacking final : public ArchiveSink {
 public:
  Unpacking(std::string shown, Networks networks, fs::path folder)
      : shown_(std::move(shown)), missing_(std::move(networks)), folder_(std::move(folder)) {}

  Choice begin(const ArchiveMember& member) override {
    if (missing_.empty()) return Choice::kEnough;
    note_name(member);
    member_ = member;
    candidates_.clear();
    for (const NetworkFile* network : missing_) {
      if (may_be(*network)) candidates_.push_back(network);
    }
    if (candidates_.empty()) return Choice::kPassOver;
    open();
    return Choice::kTake;
  }

  bool take(std::string_view bytes) override {
    start_ += bytes.substr(0, kTellingStart - std::min(start_.size(), kTellingStart));
    size_ += bytes.size();
    if (std::ranges::all_of(candidates_, [&](const NetworkFile* n) { return size_ > most_bytes(*n); }))
      return false;
    digest_.add(bytes);
    write_all(file_, path_, bytes);
    return true;
  }

  void end(const std::string& fault) override {
    file_ = FileDescriptor();
    const RecordedFile record{size_, hex(digest_.value())};
    for (const NetworkFile* network : candidates_) {
      const std::string why = fault.empty() ? fault_of(*network, record) : fault;
      if (why.empty()) {
        keep(*network, record);
      } else if (is_named(*network)) {
        refuse(*network, reason_of(*network, fault), why);
      }
    }
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  // Of the archive as a whole.
  void fail(const Error& error) { result_.faults.push_back({nullptr, error.reason(), error.detail()}); }

  Unpacked result() { return std::move(result_); }

 private:
  void note_name(const ArchiveMember& member) {
    if (member.obstacle == Obstacle::kFolder) return;
    ++result_.members;
    if (result_.names.size() < kNamesShown)
      result_.names.push_back(fs::path(member.name).filename().string());
  }

  bool is_named(const NetworkFile& network) const {
    return fs::path(member_.name).filename() == bare_name(network);
  }

  // A member without a known size may be any network; one of another size is told if it has the name.
  bool may_be(const NetworkFile& network) {
    const bool pinned = !network.sha256.empty();
    const bool fits =
        !member_.bytes || (pinned ? *member_.bytes == network.bytes : *member_.bytes <= kMostNetworkBytes);
    if (member_.obstacle != Obstacle::kNone) {
      const bool meant = is_named(network) || (pinned && member_.bytes && fits);
      if (meant && member_.obstacle != Obstacle::kFolder)
        refuse(network, "MODEL_FILE_MISSING", fmt::format("it is {}", words_of(member_.obstacle)));
      return false;
    }
    if (!fits && is_named(network)) {
      const std::string limit =
          pinned ? fmt::format("and not {}", network.bytes) : fmt::format("more than {}", kMostNetworkBytes);
      refuse(network, "MODEL_FILE_SIZE", fmt::format("it has {} bytes, {}", *member_.bytes, limit));
    }
    return fits && (pinned || is_named(network));
  }

  void open() {
    path_ = folder_ / Uuid::make().text();
    file_ =
        FileDescriptor(open_file(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file_.get() < 0) throw_errno(errno, "make", path_);
    digest_.restart();
    size_ = 0;
    start_.clear();
  }

  // Why the member that was taken is not the network; empty: it is.
  std::string fault_of(const NetworkFile& network, const RecordedFile& record) const {
    if (is_lfs_pointer(start_)) return "it is a Git LFS pointer and not the file";
    if (record.bytes > most_bytes(network))
      return fmt::format("it has more than {} bytes", most_bytes(network));
    if (record.bytes == 0) return "it is empty";
    if (network.sha256.empty()) return "";
    if (record.bytes != network.bytes)
      return fmt::format("it has {} bytes, and not {}", record.bytes, network.bytes);
    if (record.sha256 != network.sha256)
      return fmt::format("its SHA-256 is {}, and not {}", record.sha256, network.sha256);
    return "";
  }

  std::string reason_of(const NetworkFile& network, const std::string& fault) const {
    if (!fault.empty()) return "ARCHIVE_INVALID";
    if (is_lfs_pointer(start_)) return "LFS_POINTER";
    return size_ == network.bytes && size_ > 0 ? "MODEL_FILE_CHECKSUM" : "MODEL_FILE_SIZE";
  }

  void refuse(const NetworkFile& network, std::string reason, const std::string& why) {
    result_.faults.push_back(
        {&network, std::move(reason), fmt::format("{} in {}: {}", member_.name, shown_, why)});
  }

  // A copy of its own for each network: one member may be two files of a pack.
  void keep(const NetworkFile& network, const RecordedFile& record) {
    const fs::path kept = folder_ / Uuid::make().text();
    std::error_code failed;
    fs::copy_file(path_, kept, failed);
    if (failed) throw_errno(failed.value(), "make", kept);
    sync_file(kept);
    result_.files.push_back({&network, member_.name, kept, record});
    std::erase(missing_, &network);
  }

  std::string shown_;
  Networks missing_;
  fs::path folder_;
  Unpacked result_;
  ArchiveMember member_;
  Networks candidates_;
  fs::path path_;
  FileDescriptor file_;
  RunningSha256 digest_;
  std::uint64_t size_ = 0;
  std::string start_;
};

}  // namespace

Unpacked unpack(ReadArchive read, const fs::path& archive, const std::string& shown, const Networks& networks,
                const fs::path& folder, const ArchiveLimits& limits) {
  const FileDescriptor file(open_file(archive.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) throw_unreadable(errno, fmt::format("'{}'", shown));
  Unpacking unpacking(shown, networks, folder);
  try {
    read(file.get(), shown, limits, unpacking);
  } catch (const Error& error) {
    if (error.cause() != Cause::kModelMissing) throw;
    unpacking.fail(error);
  }
  return unpacking.result();
}

}  // namespace facesearch::service
