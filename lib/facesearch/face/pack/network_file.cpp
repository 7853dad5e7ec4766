// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/face/pack/pack.hpp"

namespace facesearch {
namespace {

// True where the folder of `--models` has some of the files. Others are the program's.
bool has_files_of_user(const Pack& pack) {
  return !pack.searched.empty() && std::ranges::any_of(networks_of(pack), [&](const NetworkRole& network) {
    const auto found = find_network(pack, *network.file);
    return found && lies_below(*found, pack.searched);
  });
}

}  // namespace

std::optional<std::vector<std::uint8_t>> read_bounded(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes) {
  // Not std::ifstream: without memory for its buffer it reports an existing file as missing.
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) > max_bytes)
    return std::nullopt;
  // One byte more than the size, to notice a file that has grown.
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t used = 0;
  while (used < bytes.size()) {
    const ssize_t got =
        uninterrupted([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > max_bytes) return std::nullopt;
  bytes.resize(used);
  return bytes;
}

std::string install_command(const Pack& pack) {
  const bool all_have_addresses = std::ranges::all_of(networks_of(pack), [&](const NetworkRole& network) {
    return !network.file->urls.empty() ||
           (!network.file->sha256.empty() && find_network(pack, *network.file));
  });
  return fmt::format("facesearch models install {}{}", pack.name, all_have_addresses ? "" : " --from PATH");
}

void require_recorded(const Pack& pack, const NetworkFile& network) {
  if (!network.sha256.empty()) return;
  throw Error(
      Cause::kModelMissing, "PACK_NOT_INSTALLED",
      fmt::format("the pack {} is not installed: the checksum of {} is recorded when that is done; run `{}`",
                  pack.name, network.file, install_command(pack)));
}

void require_installed(const PackPlaces& places, const Pack& pack) {
  std::error_code failed;
  if (std::filesystem::exists(places.catalog / pack.name / "manifest.json", failed)) return;
  for (const NetworkRole& network : networks_of(pack)) {
    require_recorded(pack, *network.file);
    if (find_network(pack, *network.file)) continue;
    if (!pack.searched.empty()) (void)require_network(pack, *network.file);  // names the folders of --models
    throw Error(Cause::kModelMissing, "PACK_NOT_INSTALLED",
                fmt::format("the pack {} is not installed: {} is not there; run `{}`", pack.name,
                            network.file->file, install_command(pack)));
  }
}

std::optional<std::filesystem::path> find_network(const Pack& pack, const NetworkFile& network) {
  std::optional<std::filesystem::path> other;
  for (const std::filesystem::path& folder : pack.files) {
    for (const std::filesystem::path& place : file_places(folder, network)) {
      std::error_code failed;
      if (!std::filesystem::is_regular_file(place, failed)) continue;
      if (network.sha256.empty() || std::filesystem::file_size(place, failed) == network.bytes) return place;
      if (!other) other = place;
    }
  }
  if (pack.below) {
    if (auto found = pack.below->find(network)) return found;
  }
  return other;
}

void require_size(const NetworkFile& network, const std::filesystem::path& path, std::uint64_t bytes) {
  if (bytes == network.bytes) return;
  throw Error(Cause::kModelMissing, "MODEL_FILE_SIZE",
              fmt::format("the network file {} has {} bytes, its manifest says {}; fetch it again",
                          path.string(), bytes, network.bytes));
}

void require_checksum(const NetworkFile& network, const std::filesystem::path& path,
                      const std::vector<std::uint8_t>& bytes) {
  const std::string digest = hex(sha256(bytes));
  if (digest == network.sha256) return;
  throw Error(Cause::kModelMissing, "MODEL_FILE_CHECKSUM",
              fmt::format("the network file {} has the SHA-256 {}, its manifest says {}; fetch it again",
                          path.string(), digest, network.sha256));
}

std::filesystem::path require_network(const Pack& pack, const NetworkFile& network) {
  require_recorded(pack, network);
  if (auto found = find_network(pack, network)) return std::move(*found);
  if (pack.of_catalogue && !has_files_of_user(pack)) {
    throw Error(Cause::kModelMissing, "PACK_NOT_INSTALLED",
                fmt::format("the pack {} is not installed: {} is not there{}; run `{}`", pack.name,
                            network.file, pack.searched.empty() ? "" : ", nor in " + pack.searched.string(),
                            install_command(pack)));
  }
  throw Error(
      Cause::kModelMissing, "MODEL_FILE_MISSING",
      fmt::format("the network file {} of pack {} is not in {}; name the folder of its files with --models, "
                  "or install the pack again (the program if it is built in, else `{}`)",
                  network.file, pack.name, listed(pack.files), install_command(pack)));
}

std::vector<std::uint8_t> read_network(const Pack& pack, const NetworkFile& network) {
  const std::filesystem::path path = require_network(pack, network);
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (!failed) require_size(network, path, size);
  auto bytes = read_bounded(path, network.bytes);
  if (!bytes) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_MISSING",
                fmt::format("the network file {} cannot be read", path.string()));
  }
  require_checksum(network, path, *bytes);
  return std::move(*bytes);
}

}  // namespace facesearch
