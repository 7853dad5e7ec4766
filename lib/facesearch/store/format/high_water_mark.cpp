// SPDX-License-Identifier: MIT
#include "facesearch/store/format/high_water_mark.hpp"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "facesearch/core/digest.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

// "fsmark", the version in two bytes, generation, side, version, tag, deleted, sealed; zeros; SHA-256 of all
// that.
constexpr std::string_view kMarkMagic{"fsmark\x01\x00", 8};
constexpr std::size_t kGeneration = 8;
constexpr std::size_t kSideAt = 24;
constexpr std::size_t kVersionAt = 32;
constexpr std::size_t kTag = 40;
constexpr std::size_t kDeleted = 56;
constexpr std::size_t kSealed = 57;
constexpr std::size_t kSum = 96;
constexpr std::size_t kSize = 128;

using Block = std::array<std::uint8_t, kSize>;

Sha256 sum_of(const Block& block) {
  return sha256(Bytes(block).first(kSum));
}

Block block_of(const Mark& mark) {
  Block block{};
  const auto put = [&block](std::size_t at, const auto& bytes) {
    std::copy(bytes.begin(), bytes.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, kMarkMagic);
  put(kGeneration, mark.generation.bytes);
  put(kSideAt, write_count(mark.side));
  put(kVersionAt, write_count(mark.version));
  put(kTag, mark.tag);
  block[kDeleted] = mark.deleted ? 1 : 0;
  block[kSealed] = mark.sealed ? 1 : 0;
  put(kSum, sum_of(block));
  return block;
}

std::optional<Mark> mark_of(const Block& block) {
  const Bytes bytes(block);
  if (!std::equal(kMarkMagic.begin(), kMarkMagic.end(), block.begin()) ||
      !std::ranges::equal(sum_of(block), bytes.subspan(kSum))) {
    return std::nullopt;
  }
  Mark mark;
  mark.generation = read_uuid(bytes.subspan(kGeneration, mark.generation.bytes.size()));
  mark.side = read_count(bytes.subspan(kSideAt, sizeof mark.side));
  mark.version = read_count(bytes.subspan(kVersionAt, sizeof mark.version));
  std::ranges::copy(bytes.subspan(kTag, mark.tag.size()), mark.tag.begin());
  mark.deleted = block[kDeleted] != 0;
  mark.sealed = block[kSealed] != 0;
  return mark;
}

}  // namespace

bool is_older(const Mark& mark, const Root& root, const Tag& tag) {
  const bool same_side = root.switches == mark.side;
  return root.switches < mark.side ||
         (same_side && (mark.deleted || root.record.generation != mark.generation ||
                        root.version < mark.version || (root.version == mark.version && tag != mark.tag)));
}

bool lost_its_seal(const Mark& mark, const Root& root) {
  // A deleted collection may be made again without encryption.
  return mark.sealed && !root.record.sealed && !(mark.deleted && root.switches > mark.side);
}

std::optional<Mark> read_mark(const std::filesystem::path& path) {
  const FileDescriptor file = open_existing_file(path);
  if (file.get() < 0) return std::nullopt;
  // A reader may meet a writer in the middle.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    Block block{};
    if (!read_at(file, path, 0, block.data(), block.size())) continue;
    if (auto mark = mark_of(block)) return mark;
  }
  return std::nullopt;
}

bool write_mark(const std::filesystem::path& path, const Mark& mark) noexcept {
  try {
    make_private_folders(path.parent_path());
    const FileDescriptor file = open_private_file(path);
    const Block block = block_of(mark);
    const auto write = [&] { return ::pwrite(file.get(), block.data(), block.size(), 0); };
    return uninterrupted(write) == static_cast<ssize_t>(block.size());
  } catch (...) {
    return false;
  }
}

}  // namespace facesearch::storage
