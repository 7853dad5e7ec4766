// SPDX-License-Identifier: MIT
#include "facesearch/store/format/tombstone.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/json_records.hpp"

namespace facesearch::storage {
namespace {

// "fstomb", the layout version in two bytes, the number of ids in eight; all least significant byte first.
constexpr std::string_view kTombstoneMagic = "fstomb";
constexpr std::size_t kHeader = 16;
constexpr std::size_t kIdSize = 16;

[[noreturn]] void damaged(const std::filesystem::path& path) {
  throw Error(Cause::kStoreDamaged, "TOMBSTONE_INVALID",
              fmt::format("{} is no tombstone of a collection; restore it from a backup", path.string()));
}

// How many ids follow the header, if as many bytes do.
std::uint64_t count_in(Bytes header, std::uint64_t size, const std::filesystem::path& path) {
  if (!std::equal(kTombstoneMagic.begin(), kTombstoneMagic.end(), header.begin())) {
    damaged(path);
  }
  require_known_version(std::uint64_t{header[6]} | std::uint64_t{header[7]} << 8U, kTombstoneFormat);
  const std::uint64_t count = read_count(header.subspan(8, 8));
  if ((size - kHeader) % kIdSize != 0 || (size - kHeader) / kIdSize != count) {
    damaged(path);
  }
  return count;
}

}  // namespace

std::optional<Tombstone> Tombstone::open(const std::filesystem::path& path) {
  FileDescriptor file = open_existing_file(path);
  if (file.get() < 0) {
    return std::nullopt;
  }
  std::array<std::uint8_t, kHeader> header{};
  if (!read_at(file, path, 0, header.data(), header.size())) {
    damaged(path);
  }
  const std::uint64_t count = count_in(header, file_size(file, path), path);
  return Tombstone(path, std::move(file), count);
}

bool Tombstone::contains(const Uuid& face) const {
  std::uint64_t low = 0;
  std::uint64_t high = count_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    Uuid found;
    if (!read_at(file_, path_, kHeader + middle * kIdSize, found.bytes.data(), kIdSize)) {
      damaged(path_);
    }
    if (found == face) {
      return true;
    }
    (found < face ? low : high) = found < face ? middle + 1 : middle;
  }
  return false;
}

std::vector<Uuid> Tombstone::all() const {
  static_assert(sizeof(Uuid) == kIdSize);
  std::vector<Uuid> faces(count_);
  if (!read_at(file_, path_, kHeader, faces.data(), faces.size() * kIdSize)) {
    damaged(path_);
  }
  return faces;
}

std::vector<Uuid> read_tombstone(Bytes bytes, const std::filesystem::path& path) {
  if (bytes.size() < kHeader) {
    damaged(path);
  }
  std::vector<Uuid> faces(count_in(bytes, bytes.size(), path));
  ByteReader reader(bytes.subspan(kHeader));
  for (Uuid& face : faces) {
    face = reader.uuid();
  }
  return faces;
}

std::string write_tombstone(std::vector<Uuid> faces) {
  std::sort(faces.begin(), faces.end());
  faces.erase(std::unique(faces.begin(), faces.end()), faces.end());
  const auto version = write_count(kTombstoneFormat);
  const auto count = write_count(faces.size());
  std::string bytes(kTombstoneMagic);
  bytes.append(version.begin(), version.begin() + 2);
  bytes.append(count.begin(), count.end());
  for (const Uuid& face : faces) {
    bytes.append(face.bytes.begin(), face.bytes.end());
  }
  return bytes;
}

}  // namespace facesearch::storage
