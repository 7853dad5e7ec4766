// SPDX-License-Identifier: MIT
// A piece opens under the key, in the place and as the part that it was made for, and nowhere else; without
// the manifest, which would find the most of it a second time.
#include "facesearch/store/crypto/sealing.hpp"

#include <set>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
using namespace facesearch::storage;

namespace {

std::optional<Secret> key_of(bool sealed, std::uint8_t byte) {
  std::array<std::uint8_t, Secret::kSize> bytes{};
  bytes.fill(byte);
  return sealed ? std::optional<Secret>(Secret(bytes)) : std::nullopt;
}

bool opens(const Sealing& sealing, const PieceName& name, Bytes piece, const Tag* wanted = nullptr) {
  AlignedBytes out;
  PieceOpener opener(sealing);
  try {
    opener.open(name, piece, wanted, out);
    return true;
  } catch (const Error& error) {
    REQUIRE(error.reason() == "PIECE_INVALID");
    return false;
  }
}

}  // namespace

TEST_CASE("a piece opens as what it was sealed as only", "[sealing]") {
  const bool sealed = GENERATE(true, false);
  CAPTURE(sealed);
  const Uuid store = Uuid::make();
  const Uuid generation = Uuid::make();
  const PackBinding binding = other_pack();
  const auto sealing_of = [&](const Uuid& in, const char* collection, std::uint64_t side, const Uuid& of,
                              const PackBinding& pack, std::uint8_t key = 1) {
    Sealing sealing(side_place(in, collection, side), key_of(sealed, key));
    sealing.bind(of, pack);
    return sealing;
  };
  const Sealing own = sealing_of(store, "staff", 1, generation, binding);
  const PieceName name = name_of(PieceKind::kIds, 7);
  const PieceName root = name_of(PieceKind::kRoot, 0);
  const std::vector<std::uint8_t> payload(100, 'p');
  std::vector<std::uint8_t> piece(payload.size() + kPieceExtra);
  std::vector<std::uint8_t> root_piece = piece;
  PieceSealer sealer(own);
  const Tag tag = sealer.seal(name, 5, payload, piece);
  sealer.seal(root, 5, payload, root_piece);
  REQUIRE(opens(own, name, piece));
  REQUIRE(opens(own, name, piece, &tag));
  REQUIRE(opens(own, root, root_piece));

  Tag other_tag = tag;
  other_tag[3] ^= 1U;
  CHECK_FALSE(opens(own, name, piece, &other_tag));
  CHECK_FALSE(opens(own, name_of(PieceKind::kIds, 8), piece));
  CHECK_FALSE(opens(own, name_of(PieceKind::kTemplates, 7), piece));
  CHECK_FALSE(opens(own, leaf_name(PieceKind::kIds, 7), piece));
  for (std::size_t place = 0; place < piece.size(); ++place) {  // the version and the counter too
    std::vector<std::uint8_t> changed = piece;
    changed[place] ^= 4U;
    CAPTURE(place);
    CHECK_FALSE(opens(own, name, changed));
  }
  for (std::size_t size = 0; size < piece.size(); ++size) {
    CHECK_FALSE(opens(own, name, Bytes(piece).first(size)));
  }
  PackBinding finger = binding;
  finger.fingerprint = "beef";
  PackBinding pack = binding;
  pack.pack = "third";
  PackBinding wider = binding;
  wider.dimension += 1;
  for (const bool is_root : {false, true}) {
    const PieceName& asked = is_root ? root : name;
    const Bytes given = is_root ? Bytes(root_piece) : Bytes(piece);
    CAPTURE(is_root);
    CHECK_FALSE(opens(sealing_of(Uuid::make(), "staff", 1, generation, binding), asked, given));
    CHECK_FALSE(opens(sealing_of(store, "staf", 1, generation, binding), asked, given));
    CHECK_FALSE(opens(sealing_of(store, "staff", 2, generation, binding), asked, given));
    // The root says of what generation and model it is.
    CHECK(opens(sealing_of(store, "staff", 1, Uuid::make(), binding), asked, given) == is_root);
    for (const PackBinding& other : {finger, pack, wider}) {
      CHECK(opens(sealing_of(store, "staff", 1, generation, other), asked, given) == is_root);
    }
    if (sealed) CHECK_FALSE(opens(sealing_of(store, "staff", 1, generation, binding, 2), asked, given));
    Sealing otherwise(side_place(store, "staff", 1), key_of(!sealed, 1));
    otherwise.bind(generation, binding);
    CHECK_FALSE(opens(otherwise, asked, given));
  }
}

TEST_CASE("two pieces of one payload have nothing in common", "[sealing]") {
  Sealing sealing(side_place(Uuid::make(), "staff", 1), key_of(true, 1));
  sealing.bind(Uuid::make(), other_pack());
  const std::vector<std::uint8_t> payload(64, 0);
  const PieceName name = name_of(PieceKind::kIds, 7);
  std::set<std::string> bodies;
  for (int change = 0; change < 3; ++change) {
    PieceSealer sealer(sealing);
    for (int i = 0; i < 3; ++i) {
      std::vector<std::uint8_t> piece(payload.size() + kPieceExtra);
      sealer.seal(name, 5, payload, piece);
      bodies.emplace(piece.begin() + kPieceHeader, piece.end());
    }
  }
  CHECK(bodies.size() == 9);
}
