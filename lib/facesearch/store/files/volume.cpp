// SPDX-License-Identifier: MIT
#include "facesearch/store/files/volume.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

struct ForeignKind {
  std::uint32_t magic;
  const char* name;
};

// From statfs(2) and the sources of Linux; numbers are of modules outside of the kernel's tree.
constexpr std::array kForeign{
    ForeignKind{NFS_SUPER_MAGIC, "nfs"},     ForeignKind{SMB_SUPER_MAGIC, "smb"},
    ForeignKind{CIFS_SUPER_MAGIC, "cifs"},   ForeignKind{SMB2_SUPER_MAGIC, "smb2"},
    ForeignKind{CEPH_SUPER_MAGIC, "ceph"},   ForeignKind{CODA_SUPER_MAGIC, "coda"},
    ForeignKind{AFS_SUPER_MAGIC, "afs"},     ForeignKind{AFS_FS_MAGIC, "afs"},
    ForeignKind{V9FS_MAGIC, "9p"},           ForeignKind{NCP_SUPER_MAGIC, "ncp"},
    ForeignKind{OCFS2_SUPER_MAGIC, "ocfs2"}, ForeignKind{0x0116'1970, "gfs2"},
    ForeignKind{0x0BD0'0BD0, "lustre"},      ForeignKind{0x4750'4653, "gpfs"},
    ForeignKind{0x1983'0326, "beegfs"},      ForeignKind{FUSE_SUPER_MAGIC, "fuse"},
};

// FUSE file systems that keep their files on this machine, and where the kernel maps and locks them.
constexpr std::array<std::string_view, 2> kLocalFuse{"fuseblk", "fuse.fuse-overlayfs"};

// The type in /proc/self/mountinfo, a line of which is "id parent device root path options … - type source".
std::optional<std::string> mounted_type(const fs::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) throw_errno(errno, "look at", folder);
  const std::string device = fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id;
    std::string parent;
    std::string of;
    words >> id >> parent >> of;
    const std::size_t rest = line.find(" - ");
    if (of != device || rest == std::string::npos) continue;
    const std::string type = line.substr(rest + 3);
    return type.substr(0, type.find(' '));
  }
  return std::nullopt;
}

struct statvfs space_of(const fs::path& folder) {
  struct statvfs space {};
  while (::statvfs(folder.c_str(), &space) != 0) {
    if (errno != EINTR) throw_errno(errno, "look at", folder);
  }
  return space;
}

}  // namespace

bool is_read_only(const fs::path& folder) {
  return (space_of(folder).f_flag & ST_RDONLY) != 0;
}

void require_space(const fs::path& folder, std::uint64_t bytes, std::string_view action) {
  const struct statvfs space = space_of(folder);
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (space.f_blocks == 0 || free >= bytes) return;
  constexpr double kMiB = 1 << 20;
  throw Error(
      Cause::kFileSystem, "NO_SPACE",
      fmt::format("cannot {}: about {:.1f} MiB are needed where {} lies, and {:.1f} MiB are free", action,
                  static_cast<double>(bytes) / kMiB, folder.string(), static_cast<double>(free) / kMiB));
}

std::optional<std::string> foreign_file_system(const fs::path& folder) {
  struct statfs status {};
  while (::statfs(folder.c_str(), &status) != 0) {
    if (errno != EINTR) throw_errno(errno, "look at", folder);
  }
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  const auto* const found = std::ranges::find(kForeign, magic, &ForeignKind::magic);
  if (found == kForeign.end()) return std::nullopt;
  if (magic != FUSE_SUPER_MAGIC) return found->name;
  const std::string type = mounted_type(folder).value_or(found->name);
  if (std::ranges::find(kLocalFuse, type) != kLocalFuse.end()) return std::nullopt;
  return type;
}

void require_local(const fs::path& folder) {
  fs::path there = folder;
  while (there.has_relative_path() && !is_folder(there)) there = there.parent_path();
  if (const auto type = foreign_file_system(there)) {
    throw Error(
        Cause::kFileSystem, "NETWORK_FILE_SYSTEM",
        fmt::format(
            "{} lies on a network file system ({}), whose locks and memory maps a store cannot rely on: "
            "answered enrolments could be lost. Put the store on a local disk, or give "
            "--allow-network-store if you know better",
            there.string(), *type));
  }
}

}  // namespace facesearch::storage
