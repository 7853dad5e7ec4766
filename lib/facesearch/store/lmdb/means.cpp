// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/means.hpp"

#include <algorithm>
#include <cstring>

#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

using Words = std::vector<std::uint64_t>;

// The bits of kInMean, 64 slots a word. Slots that were not given yet count as in a mean: they have no face
// that stands for itself.
Words words_in_means(LmdbPieces& pieces) {
  const Root& root = pieces.root();
  const std::size_t a_block = kInMeanRows / 64;
  const std::uint64_t rows = root.table(PieceKind::kCodes).blocks * root.geometry.code_rows;
  Words words(std::max(rows / 64, root.table(PieceKind::kInMean).blocks * a_block));
  for (std::uint64_t block = 0; block < root.table(PieceKind::kInMean).blocks; ++block) {
    const Bytes payload = pieces.read(PieceKind::kInMean, block);
    std::memcpy(words.data() + block * a_block, payload.data(), payload.size());
  }
  for (std::uint64_t slot = root.next_slot; slot < words.size() * 64; ++slot) {
    if (slot % 64 == 0) {
      words[slot / 64] = ~std::uint64_t{0};
      slot += 63;
    } else {
      words[slot / 64] |= std::uint64_t{1} << slot % 64;
    }
  }
  return words;
}

// Blocks of codes without the rows of faces that are in a mean. A block that holds no others is not read.
class SingleReader final : public CodeReader {
 public:
  SingleReader(std::unique_ptr<CodeReader> all, const Words& in_means, std::size_t rows)
      : all_(std::move(all)), in_means_(in_means), rows_(rows) {}

  CodeBlock read(std::uint64_t block) override {
    const auto first = in_means_.begin() + static_cast<std::ptrdiff_t>(block * rows_ / 64);
    const auto last = first + static_cast<std::ptrdiff_t>(rows_ / 64);
    if (std::all_of(first, last, [](std::uint64_t word) { return word == ~std::uint64_t{0}; })) return {};
    CodeBlock codes = all_->read(block);
    live_.assign(codes.live, codes.live + rows_ / 64);
    for (std::size_t i = 0; i < live_.size(); ++i) live_[i] &= ~first[static_cast<std::ptrdiff_t>(i)];
    codes.live = live_.data();
    return codes;
  }

 private:
  std::unique_ptr<CodeReader> all_;
  const Words& in_means_;
  std::size_t rows_;
  Words live_;
};

class LmdbMeans final : public Means {
 public:
  LmdbMeans(const LmdbTransaction& transaction, const Sealing& sealing, LmdbPieces& pieces, std::mutex& mutex)
      : transaction_(transaction),
        sealing_(sealing),
        pieces_(pieces),
        mutex_(mutex),
        rows_(transaction, pieces),
        in_means_(words_in_means(pieces)) {}

  std::uint64_t count(std::size_t group) const override { return pieces_.root().means.at(group); }
  std::uint64_t blocks(std::size_t group) const override {
    const std::uint64_t rows = pieces_.root().geometry.code_rows;
    return (count(group) + rows - 1) / rows;
  }
  std::unique_ptr<CodeReader> reader(std::size_t group) const override {
    return make_code_reader(transaction_, sealing_, pieces_, mutex_, means_kind(group));
  }
  std::uint64_t single_count() const override {
    return pieces_.root().faces - std::min(pieces_.root().faces, pieces_.root().in_means);
  }
  std::unique_ptr<CodeReader> single_reader() const override {
    return std::make_unique<SingleReader>(make_code_reader(transaction_, sealing_, pieces_, mutex_),
                                          in_means_, pieces_.root().geometry.code_rows);
  }
  std::vector<std::uint64_t> faces_of(const MeanPlace& place) const override { return rows_.faces_of(place); }
  std::optional<MeanPlace> find(const Uuid& person) const override { return rows_.find(person); }
  bool holds(const Uuid& face) const override {
    const auto place = LmdbReader(transaction_, pieces_, nullptr, nullptr).hinted_place(face);
    return place && rows_.in_mean(place->slot);
  }

 private:
  const LmdbTransaction& transaction_;
  const Sealing& sealing_;
  LmdbPieces& pieces_;
  std::mutex& mutex_;
  MeanRows rows_;
  Words in_means_;
};

}  // namespace

std::array<std::uint8_t, 24> person_key(const Uuid& person, std::uint64_t slot) {
  std::array<std::uint8_t, 24> key{};
  const auto number = write_slot(slot);
  std::copy(person.bytes.begin(), person.bytes.end(), key.begin());
  std::copy(number.begin(), number.end(), key.begin() + 16);
  return key;
}

std::optional<MeanPlace> MeanRows::find(const Uuid& person) const {
  const auto hint = transaction_.get(transaction_.tables().persons, person_key(person, kMeanSlot));
  if (!hint) {
    const std::vector<std::uint64_t> slots = slots_of(person);
    if (std::ranges::any_of(slots, [this](std::uint64_t slot) { return in_mean(slot); })) {
      contradict("the index of persons lacks a mean");
    }
    return std::nullopt;
  }
  ByteReader reader(*hint);
  MeanPlace place;
  place.group = static_cast<std::size_t>(reader.number(1));
  place.row = reader.number(8);
  reader.end();
  if (place.group >= kMeanGroups || place.row >= pieces_.root().means.at(place.group) ||
      row_at(place).person != person) {
    contradict("the index of persons points to another mean");
  }
  return place;
}

MeanRow MeanRows::row_at(const MeanPlace& place) const {
  const Geometry& geometry = pieces_.root().geometry;
  return read_mean(geometry, pieces_.read(means_kind(place.group), place.row / geometry.code_rows),
                   place.row % geometry.code_rows);
}

bool MeanRows::in_mean(std::uint64_t slot) const {
  const std::uint64_t block = slot / kInMeanRows;
  return block < pieces_.root().table(PieceKind::kInMean).blocks &&
         bit_at(pieces_.read(PieceKind::kInMean, block), slot % kInMeanRows);
}

std::vector<std::uint64_t> MeanRows::slots_of(const Uuid& person) const {
  const FaceRows faces(pieces_);
  std::vector<std::uint64_t> slots;
  LmdbCursor cursor(transaction_, transaction_.tables().persons);
  for (bool more = cursor.seek(person.bytes); more; more = cursor.next()) {
    const Bytes key = cursor.key();
    if (key.size() != 24 || !std::ranges::equal(key.first(16), person.bytes)) break;
    const std::uint64_t slot = read_slot(key.subspan(16));
    if (slot == kMeanSlot) break;
    if (faces.ids_of(slot).person != person) contradict("the index of persons points to another person");
    slots.push_back(slot);
  }
  return slots;
}

std::vector<std::uint64_t> MeanRows::faces_of(const MeanPlace& place) const {
  const MeanRow row = row_at(place);
  std::vector<std::uint64_t> slots = slots_of(row.person);
  std::erase_if(slots, [&](std::uint64_t slot) { return !in_mean(slot); });
  if (slots.size() != row.faces) contradict("the index of persons lacks a face");
  return slots;
}

std::vector<std::vector<float>> templates_in(const FaceRows& faces, const std::vector<std::uint64_t>& slots) {
  std::vector<std::vector<float>> templates;
  templates.reserve(slots.size());
  for (const std::uint64_t slot : slots) {
    const auto values = faces.template_of(slot);
    templates.emplace_back(values.begin(), values.end());
  }
  return templates;
}

std::vector<Uuid> left_out_of_means(std::span<const Decision> decisions) {
  std::vector<Uuid> faces;
  for (const Decision& decision : decisions) {
    if (decision.kind == Decision::Kind::kNotInMean) faces.push_back(decision.face);
  }
  std::ranges::sort(faces);
  return faces;
}

std::vector<Uuid> left_out_of_means(LmdbPieces& pieces) {
  return left_out_of_means(decisions_on_faces(pieces));
}

std::unique_ptr<Means> make_means(const LmdbTransaction& transaction, const Sealing& sealing,
                                  LmdbPieces& pieces, std::mutex& mutex) {
  if (pieces.root().record.policy.match_by != MatchBy::kPerson) return nullptr;
  return std::make_unique<LmdbMeans>(transaction, sealing, pieces, mutex);
}

}  // namespace facesearch::storage
