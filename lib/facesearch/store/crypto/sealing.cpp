// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/sealing.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

constexpr std::uint8_t kPieceFormat = 1;
constexpr std::size_t kSaltOffset = 16;
constexpr std::size_t kSaltSize = 32;
constexpr std::size_t kAssociatedSize = Sha256{}.size() + kPieceHeader + 8;

using Associated = std::array<std::uint8_t, kAssociatedSize>;

// The header: format, kind, sealed or not, 0; a counter (4); the version (8); the salt (32).
Associated associated_of(const Sha256& context, Bytes header, std::uint64_t number) {
  Associated bytes{};
  auto* at = std::copy(context.begin(), context.end(), bytes.begin());
  at = std::copy(header.begin(), header.end(), at);
  const auto key = write_slot(number);
  std::copy(key.begin(), key.end(), at);
  return bytes;
}

// Unique under a transaction's key by the counter in the header.
PieceCipher::Nonce nonce_of(Bytes header) {
  PieceCipher::Nonce nonce{};
  std::copy_n(header.begin() + 4, 4, nonce.begin());
  return nonce;
}

const Secret& public_key() {
  static const Secret key(std::array<std::uint8_t, 32>{});
  return key;
}

Sha256 digest_of(ByteWriter& writer) {
  const std::vector<std::uint8_t> bytes = writer.take();
  return sha256(Bytes(bytes));
}

}  // namespace

void refuse_piece(const PieceName& name) {
  throw Error(
      Cause::kStoreDamaged, "PIECE_INVALID",
      fmt::format("piece {}/{} of the collection is not what was written there: it is damaged, or was "
                  "changed by something else; {}",
                  name.kind, name.number, kDamageAdvice));
}

std::array<std::uint8_t, 9> piece_key(const PieceName& name) {
  std::array<std::uint8_t, 9> key{name.kind};
  const auto number = write_slot(name.number);
  std::copy(number.begin(), number.end(), key.begin() + 1);
  return key;
}

Sha256 side_place(const Uuid& store, std::string_view collection, std::uint64_t number) {
  ByteWriter writer;
  writer.text("facesearch side 2");
  writer.uuid(store);
  writer.text(collection);
  writer.number(number, 8);
  return digest_of(writer);
}

Sealing::Sealing(const Sha256& place, std::optional<Secret> data_key)
    : place_(place), data_key_(std::move(data_key)) {}

void Sealing::bind(const Uuid& generation, const PackBinding& binding) {
  ByteWriter writer;
  writer.text("facesearch piece");
  writer.bytes(place_);
  writer.uuid(generation);
  writer.text(binding.pack);
  writer.text(binding.fingerprint);
  writer.number(static_cast<std::uint64_t>(binding.dimension), 4);
  bound_ = digest_of(writer);
}

const Sha256& Sealing::context(const PieceName& name) const {
  return name.kind == static_cast<std::uint8_t>(PieceKind::kRoot) ? place_ : bound_;
}

Secret Sealing::key_of(Bytes salt) const {
  return data_key_ ? derive_key(*data_key_, salt, "facesearch pieces") : public_key().copy();
}

PieceSealer::PieceSealer(const Sealing& sealing) : sealing_(sealing) {
  if (sealing_.sealed()) {
    random_bytes(salt_);
  }
  cipher_.set_key(sealing_.key_of(salt_));
}

Tag PieceSealer::seal(const PieceName& name, std::uint64_t version, Bytes payload,
                      std::span<std::uint8_t> out) {
  if (++counter_ == 0) {
    throw Error(Cause::kInternal, "INTERNAL", "one change of a collection holds more than 2³² pieces");
  }
  const std::span<std::uint8_t> header = out.first(kPieceHeader);
  std::fill(header.begin(), header.end(), std::uint8_t{0});
  header[0] = kPieceFormat;
  header[1] = name.kind;
  header[2] = sealing_.sealed() ? 1 : 0;
  for (std::size_t i = 0; i < 4; ++i) header[4 + i] = static_cast<std::uint8_t>(counter_ >> (8 * i));
  for (std::size_t i = 0; i < 8; ++i) header[8 + i] = static_cast<std::uint8_t>(version >> (8 * i));
  std::copy(salt_.begin(), salt_.end(), header.begin() + kSaltOffset);
  const Associated associated = associated_of(sealing_.context(name), header, name.number);
  std::uint8_t* body = out.data() + kPieceHeader;
  Tag tag{};
  if (sealing_.sealed()) {
    cipher_.seal(nonce_of(header), associated, payload, body, tag);
  } else {
    if (!payload.empty()) std::memcpy(body, payload.data(), payload.size());
    cipher_.sum(nonce_of(header), associated, payload, tag);
  }
  std::copy(tag.begin(), tag.end(), body + payload.size());
  return tag;
}

bool says_sealed(Bytes piece) {
  return piece.size() >= kPieceExtra && piece[2] == 1;
}

Tag PieceOpener::tag_of(Bytes piece) {
  Tag tag{};
  std::copy(piece.end() - kTagSize, piece.end(), tag.begin());
  return tag;
}

Bytes PieceOpener::open(const PieceName& name, Bytes piece, const Tag* wanted, AlignedBytes& out, Sum sum) {
  if (piece.size() < kPieceExtra) {
    refuse_piece(name);
  }
  const Bytes header = piece.first(kPieceHeader);
  const Bytes body = piece.subspan(kPieceHeader, piece.size() - kPieceExtra);
  const Tag tag = tag_of(piece);
  if (header[0] != kPieceFormat || header[1] != name.kind || header[2] != (sealing_.sealed() ? 1 : 0) ||
      (wanted != nullptr && *wanted != tag)) {
    refuse_piece(name);
  }
  const Bytes salt = header.subspan(kSaltOffset, kSaltSize);
  if (!salt_ || !std::equal(salt.begin(), salt.end(), salt_->begin())) {
    cipher_.set_key(sealing_.key_of(salt));
    salt_.emplace();
    std::copy(salt.begin(), salt.end(), salt_->begin());
  }
  const Associated associated = associated_of(sealing_.context(name), header, name.number);
  if (sealing_.sealed()) {
    out.make_room(body.size());
    if (!cipher_.open(nonce_of(header), associated, body, tag, out.span().data())) {
      refuse_piece(name);
    }
    return out.span();
  }
  if (sum == Sum::kVerify) {
    Tag found{};
    cipher_.sum(nonce_of(header), associated, body, found);
    if (found != tag) {
      refuse_piece(name);
    }
  }
  if (reinterpret_cast<std::uintptr_t>(body.data()) % AlignedBytes::kAlignment == 0) {
    return body;
  }
  out = AlignedBytes(body);
  return out.span();
}

}  // namespace facesearch::storage
