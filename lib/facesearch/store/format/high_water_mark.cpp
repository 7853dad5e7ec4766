// SPDX-License-Identifier: MIT
#include "facesearch/store/format/high_water_mark.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

// A slot: "fsmark", the version in two bytes, generation, side, version, tag, deleted, sealed; zeros; SHA-256
// of all that.
constexpr std::string_view kMarkMagic{"fsmark\x01\x00", 8};
constexpr std::size_t kGeneration = 8;
constexpr std::size_t kSideAt = 24;
constexpr std::size_t kVersionAt = 32;
constexpr std::size_t kTag = 40;
constexpr std::size_t kDeleted = 56;
constexpr std::size_t kSealed = 57;
constexpr std::size_t kSum = 96;
constexpr std::size_t kSize = 128;

// The slots are in disk blocks of their own, so that a write that is torn cannot damage both.
constexpr std::size_t kSlots = 2;
constexpr std::size_t kSlotDistance = 4096;

using Block = std::array<std::uint8_t, kSize>;

// Sides only rise, and so do versions of a side; a deletion is the last that happens to a side.
bool comes_after(const Mark& mark, const Mark& other) {
  return std::tie(mark.side, mark.version, mark.deleted) > std::tie(other.side, other.version, other.deleted);
}

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

namespace {

// What a mark's file holds. A slot that was never written is absent or all zeros.
struct Slots {
  std::array<std::optional<Mark>, kSlots> marks;
  std::array<bool, kSlots> written{};

  // The slot of the latest mark; kSlots if there is none.
  std::size_t latest() const {
    std::size_t found = kSlots;
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (marks[i] && (found == kSlots || comes_after(*marks[i], *marks[found]))) found = i;
    }
    return found;
  }
};

Slots read_slots(const FileDescriptor& file, const std::filesystem::path& path) {
  Slots slots;
  for (std::size_t i = 0; i < kSlots; ++i) {
    Block block{};
    // Bytes of a slot that is cut off stay zero.
    (void)read_at(file, path, i * kSlotDistance, block.data(), block.size());
    slots.written[i] = block != Block{};
    slots.marks[i] = mark_of(block);
  }
  return slots;
}

}  // namespace

std::optional<Mark> read_mark(const std::filesystem::path& path) {
  const FileDescriptor file = open_existing_file(path);
  if (file.get() < 0) return std::nullopt;
  const Slots slots = read_slots(file, path);
  if (const std::size_t latest = slots.latest(); latest != kSlots) return slots.marks[latest];
  if (!std::ranges::all_of(slots.written, std::identity())) return std::nullopt;
  throw Error(
      Cause::kStoreDamaged, "MARK_INVALID",
      fmt::format("the high-water mark {} is damaged, so it cannot tell whether the collection was put "
                  "back to a former state; if you know that it was not, delete that file",
                  path.string()));
}

bool write_mark(const std::filesystem::path& path, const Mark& mark) noexcept {
  try {
    make_private_folders(path.parent_path());
    const Block block = block_of(mark);
    const FileDescriptor file = open_private_file(path);
    const Slots slots = read_slots(file, path);
    const std::size_t latest = slots.latest();
    if (latest == kSlots) {
      replace_file(path, {reinterpret_cast<const char*>(block.data()), block.size()});
      return true;
    }
    if (!comes_after(mark, *slots.marks[latest])) return true;
    const auto offset = static_cast<off_t>((latest + 1) % kSlots * kSlotDistance);
    const auto write = [&] { return ::pwrite(file.get(), block.data(), block.size(), offset); };
    return uninterrupted(write) == static_cast<ssize_t>(block.size());
  } catch (...) {
    return false;
  }
}

}  // namespace facesearch::storage
