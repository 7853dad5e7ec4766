// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "facesearch/store/crypto/piece_cipher.hpp"
#include "facesearch/store/format/aligned_bytes.hpp"

/// A side's data lie in pieces; each is opened and verified by itself. docs/storage-format.md has every byte.
/// The numbers here are on disk.
namespace facesearch::storage {

enum class PieceKind : std::uint8_t {
  kCodes = 1,       ///< 8-bit codes of templates, what a scan reads
  kTemplates = 2,   ///< the templates themselves
  kIds = 3,         ///< face and person of each slot
  kRecords = 4,     ///< names, metadata, times
  kErased = 5,      ///< ids of faces that are gone
  kLarge = 6,       ///< a record too large for its block; its number is the slot
  kDecisions = 7,   ///< what people decided about faces; only from layout 4 on
  kMeansOfTwo = 8,  ///< means of persons of two faces; this and the following from layout 5 on
  kMeansOfThree = 9,
  kMeansOfMore = 10,
  kInMean = 11,  ///< which slots are in a mean
  kTail = 12,    ///< faces that were added and are in no block yet; its number is the first one's slot
  kRoot = 15,    ///< pins all others
};

/// The kinds in the manifest, in its order.
inline constexpr std::array kCountedKinds{
    PieceKind::kCodes,       PieceKind::kTemplates, PieceKind::kIds,        PieceKind::kRecords,
    PieceKind::kErased,      PieceKind::kDecisions, PieceKind::kMeansOfTwo, PieceKind::kMeansOfThree,
    PieceKind::kMeansOfMore, PieceKind::kInMean};

/// The kinds that have rows of faces. A face in the tail is in none of their blocks yet.
inline constexpr std::array kTailedKinds{PieceKind::kCodes, PieceKind::kTemplates, PieceKind::kIds,
                                         PieceKind::kRecords};
constexpr bool is_tailed(PieceKind kind) {
  return kind >= PieceKind::kCodes && kind <= PieceKind::kRecords;
}

/// How many of the counted ones are in the manifest of every layout, and from layout 4 on.
inline constexpr std::size_t kFirstKinds = 5;
inline constexpr std::size_t kKindsWithDecisions = 6;

/// The kind of the means of a group (means.hpp).
constexpr PieceKind means_kind(std::size_t group) {
  return static_cast<PieceKind>(static_cast<std::size_t>(PieceKind::kMeansOfTwo) + group);
}

struct PieceName {
  std::uint8_t kind = 0;
  std::uint64_t number = 0;

  auto operator<=>(const PieceName&) const =
      default;  // NOLINT(modernize-use-nullptr): false in clang-tidy 14
};

constexpr PieceName name_of(PieceKind kind, std::uint64_t number) {
  return {static_cast<std::uint8_t>(kind), number};
}

/// A leaf of the manifest: the tags of kLeafEntries pieces of a kind.
constexpr PieceName leaf_name(PieceKind kind, std::uint64_t number) {
  return {static_cast<std::uint8_t>(16 + static_cast<unsigned>(kind)), number};
}

/// A key of the table `pieces`: kind, then number, the most significant byte first.
std::array<std::uint8_t, 9> piece_key(const PieceName& name);

using Tag = PieceCipher::Tag;

inline constexpr std::size_t kPieceHeader = 48;
inline constexpr std::size_t kTagSize = Tag{}.size();
/// Bytes of a piece besides its payload.
inline constexpr std::size_t kPieceExtra = kPieceHeader + kTagSize;
/// LMDB leaves 4,080 bytes of a value's last page; a leaf fills one.
inline constexpr std::size_t kLeafEntries = 240;

/// Where the sealed pieces of a side are read from: LMDB, a backup, a damaged file.
class PieceSource {
 public:
  virtual ~PieceSource() = default;

  /// The piece of this name; none if there is none. `wanted`: its tag in the manifest; null for the root.
  /// Valid until the next call.
  virtual std::optional<Bytes> find(const PieceName& name, const Tag* wanted) = 0;
};

}  // namespace facesearch::storage
