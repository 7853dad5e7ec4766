// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/records.hpp"

/// Seals and opens pieces. Each write transaction has a random salt and a key derived from the side's data
/// key by it; the nonce is a counter, so none is used twice under a key. A piece is bound to its name, side,
/// generation and model: it opens nowhere else.
namespace facesearch::storage {

/// What the pieces of one side are sealed under: its data key, or, without encryption, a checksum of the same
/// form (GMAC under a public key). Immutable except for bind().
class Sealing {
 public:
  /// `place`: side_place() of the side.
  Sealing(const Sha256& place, std::optional<Secret> data_key);

  /// What all pieces except the root are bound to. Known once the root is read.
  void bind(const Uuid& generation, const PackBinding& binding);

  bool sealed() const { return data_key_.has_value(); }

 private:
  friend class PieceSealer;
  friend class PieceOpener;

  const Sha256& context(const PieceName& name) const;
  Secret key_of(Bytes salt) const;

  Sha256 place_;
  Sha256 bound_{};
  std::optional<Secret> data_key_;
};

/// What the pieces of side `number` of a collection are bound to.
Sha256 side_place(const Uuid& store, std::string_view collection, std::uint64_t number);

/// Seals the pieces of one write transaction. One thread. Borrows the sealing.
class PieceSealer {
 public:
  explicit PieceSealer(const Sealing& sealing);

  /// `out` has payload.size() + kPieceExtra bytes and is filled. `version`: of the commit it belongs to.
  Tag seal(const PieceName& name, std::uint64_t version, Bytes payload, std::span<std::uint8_t> out);

 private:
  const Sealing& sealing_;
  std::array<std::uint8_t, 32> salt_{};
  PieceCipher cipher_;
  std::uint32_t counter_ = 0;
};

/// Opens pieces. One thread. Borrows the sealing.
class PieceOpener {
 public:
  explicit PieceOpener(const Sealing& sealing) : sealing_(sealing) {}

  enum class Sum : std::uint8_t { kVerify, kSkip };

  /// Returns the payload: in `out` if the side is sealed or the piece is not aligned, else in place. A sealed
  /// piece is always verified; the checksum of another one can be skipped. `wanted`: its tag in the manifest,
  /// or null. Throws Error(kStoreDamaged, PIECE_INVALID).
  Bytes open(const PieceName& name, Bytes piece, const Tag* wanted, AlignedBytes& out,
             Sum sum = Sum::kVerify);

  static Tag tag_of(Bytes piece);

 private:
  const Sealing& sealing_;
  PieceCipher cipher_;
  std::optional<std::array<std::uint8_t, 32>> salt_;  // of the key that the cipher has
};

/// What the header of a piece says; not verified.
bool says_sealed(Bytes piece);

/// Throws Error(kStoreDamaged, PIECE_INVALID).
[[noreturn]] void refuse_piece(const PieceName& name);

}  // namespace facesearch::storage
