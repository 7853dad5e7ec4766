// SPDX-License-Identifier: MIT
#include "facesearch/store/backup/backup_stream.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"
#include "facesearch/store/crypto/sealing.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {
namespace {

constexpr std::string_view kBackupMagic = "fsbackup";
constexpr std::uint64_t kBackupVersion = 1;
constexpr std::size_t kHeaderSize = 48;
constexpr std::size_t kRecordHeader = 9;
constexpr std::size_t kEndSize = 24;
constexpr std::size_t kPieceNameSize = 9;
constexpr std::size_t kMostJson = 64U << 20;   // as keys.json
constexpr std::size_t kMostPiece = 64U << 20;  // none comes near
constexpr std::size_t kMostWrap = 4096;
constexpr std::size_t kMostId = 128;
constexpr std::size_t kStep = 1U << 20;  // what is read at once

enum class Kind : std::uint8_t {
  kStore = 1,
  kKeys = 2,
  kCollection = 3,
  kPiece = 4,
  kTombstone = 5,
  kEnd = 6,
};

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::array<std::uint8_t, kHeaderSize> header_of(const BackupHeader& header) {
  std::array<std::uint8_t, kHeaderSize> bytes{};
  auto* at = std::copy(kBackupMagic.begin(), kBackupMagic.end(), bytes.begin());
  at = std::ranges::copy(write_count(kBackupVersion), at).out;
  at = std::ranges::copy(header.store.bytes, at).out;
  at = std::ranges::copy(write_count(static_cast<std::uint64_t>(header.made)), at).out;
  std::ranges::copy(header.master, at);
  return bytes;
}

// Without a key the sum is a plain SHA-256.
RunningSha256 sum_under(const std::optional<Secret>& key) {
  return key ? RunningSha256(key->bytes()) : RunningSha256();
}

// Reads on from the start, and sums up what it has read.
class Reader {
 public:
  Reader(const BackupBytes& from, const BackupProgress& progress)
      : from_(from), progress_(progress), size_(from.size()) {}

  BackupHeader header();
  BackupContents contents(const BackupHeader& header, const std::optional<Secret>& key);

 private:
  struct Record {
    Kind kind;
    std::uint64_t size;
  };

  std::uint64_t left() const { return size_ - offset_; }
  std::vector<std::uint8_t> take(std::uint64_t size);
  BackupPart pass_over(std::uint64_t size);
  Record next_record();
  std::string text(const Record& record, Kind kind);
  void collection(std::uint64_t size);
  void piece(std::uint64_t size);
  void tombstone(std::uint64_t size);
  void end(std::uint64_t size);

  const BackupBytes& from_;
  const BackupProgress& progress_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
  std::vector<std::uint8_t> header_;
  std::optional<RunningSha256> sum_;
  BackupContents contents_;
  std::uint64_t pieces_ = 0;
};

// `size` is bounded by the caller.
std::vector<std::uint8_t> Reader::take(std::uint64_t size) {
  if (size > left()) {
    from_.damaged("it ends early");
  }
  std::vector<std::uint8_t> bytes(size);
  from_.read(offset_, bytes);
  offset_ += size;
  if (sum_) {
    sum_->add(bytes);
  }
  return bytes;
}

BackupPart Reader::pass_over(std::uint64_t size) {
  if (size > left()) {
    from_.damaged("it ends early");
  }
  BackupPart part{offset_, size, {}};
  RunningSha256 digest;
  for (std::uint64_t rest = size; rest > 0;) {
    const std::vector<std::uint8_t> bytes = take(std::min<std::uint64_t>(rest, kStep));
    digest.add(bytes);
    rest -= bytes.size();
  }
  part.digest = digest.value();
  return part;
}

BackupHeader Reader::header() {
  header_ = take(std::min<std::uint64_t>(left(), kHeaderSize));
  if (header_.size() < kHeaderSize ||
      !std::equal(kBackupMagic.begin(), kBackupMagic.end(), header_.begin())) {
    from_.damaged("it does not begin as one");
  }
  ByteReader reader(Bytes(header_).subspan(kBackupMagic.size()));
  if (const std::uint64_t version = reader.number(8); version != kBackupVersion) {
    throw Error(Cause::kInvalidValue, "BACKUP_VERSION_UNKNOWN",
                fmt::format("the backup has format {}, this program knows format {}; use the facesearch that "
                            "made it or a later one",
                            version, kBackupVersion));
  }
  BackupHeader header;
  header.store = reader.uuid();
  header.made = static_cast<Timestamp>(reader.number(8));
  std::ranges::copy(reader.take(header.master.size()), header.master.begin());
  return header;
}

Reader::Record Reader::next_record() {
  const std::vector<std::uint8_t> bytes = take(kRecordHeader);
  ByteReader reader(bytes);
  const std::uint64_t kind = reader.number(1);
  return {static_cast<Kind>(kind), reader.number(8)};
}

std::string Reader::text(const Record& record, Kind kind) {
  if (record.kind != kind || record.size > kMostJson) {
    from_.damaged("what it says of the store is not where it has to be");
  }
  const std::vector<std::uint8_t> bytes = take(record.size);
  return {bytes.begin(), bytes.end()};
}

BackupContents Reader::contents(const BackupHeader& header, const std::optional<Secret>& key) {
  sum_.emplace(sum_under(key));
  sum_->add(header_);
  contents_.header = header;
  contents_.store = text(next_record(), Kind::kStore);
  contents_.keys = text(next_record(), Kind::kKeys);
  for (;;) {
    const Record record = next_record();
    switch (record.kind) {
      case Kind::kCollection:
        collection(record.size);
        break;
      case Kind::kPiece:
        piece(record.size);
        break;
      case Kind::kTombstone:
        tombstone(record.size);
        break;
      case Kind::kEnd:
        end(record.size);
        contents_.bytes = size_;
        return std::move(contents_);
      default:
        from_.damaged("a part of it is of no kind that is known");
    }
  }
}

void Reader::collection(std::uint64_t size) {
  if (size > 8 + 4 + kMostId + 4 + kMostWrap || !contents_.tombstones.empty()) {
    from_.damaged("a collection is not where it has to be");
  }
  const std::vector<std::uint8_t> bytes = take(size);
  BackupCollection next;
  try {
    ByteReader reader(bytes);
    next.side = reader.number(8);
    next.id = reader.text();
    next.wrap = reader.text();
    reader.end();
  } catch (const Error& error) {
    from_.damaged(error.detail());
  }
  if (!is_collection_id(next.id) || (!next.wrap.empty() && !contents_.header.keyed()) ||
      (!contents_.collections.empty() && contents_.collections.back().id >= next.id)) {
    from_.damaged("what it says of a collection cannot be");
  }
  contents_.collections.push_back(std::move(next));
}

void Reader::piece(std::uint64_t size) {
  if (contents_.collections.empty() || !contents_.tombstones.empty() || size < kPieceNameSize + kPieceExtra ||
      size > kPieceNameSize + kMostPiece) {
    from_.damaged("a piece is not where it has to be");
  }
  const std::vector<std::uint8_t> name = take(kPieceNameSize);
  BackupCollection& collection = contents_.collections.back();
  BackupPiece next{{name[0], read_slot(Bytes(name).subspan(1))}, pass_over(size - kPieceNameSize)};
  if (!collection.pieces.empty() && collection.pieces.back().name >= next.name) {
    from_.damaged("its pieces are not in order");
  }
  collection.bytes += next.part.size;
  collection.pieces.push_back(next);
  ++pieces_;
  if (progress_) progress_("reading", offset_, size_);
}

void Reader::tombstone(std::uint64_t size) {
  BackupTombstone next;
  if (size < next.name.size()) {
    from_.damaged("a tombstone is too short");
  }
  std::ranges::copy(take(next.name.size()), next.name.begin());
  if (!contents_.tombstones.empty() && contents_.tombstones.back().name >= next.name) {
    from_.damaged("its tombstones are not in order");
  }
  next.part = pass_over(size - next.name.size());
  contents_.tombstones.push_back(next);
}

void Reader::end(std::uint64_t size) {
  if (size != kEndSize) {
    from_.damaged("its end is none");
  }
  const std::vector<std::uint8_t> bytes = take(kEndSize);
  ByteReader reader(bytes);
  if (reader.number(8) != contents_.collections.size() || reader.number(8) != pieces_ ||
      reader.number(8) != contents_.tombstones.size()) {
    from_.damaged("it counts other parts than it has");
  }
  const Sha256 found = sum_->value();
  Sha256 wanted{};
  std::ranges::copy(take(wanted.size()), wanted.begin());
  if (left() != 0) {
    from_.damaged("bytes follow its end");
  }
  if (!equal_in_constant_time(found, wanted)) {
    from_.damaged("its sum is not the one at its end");
  }
}

}  // namespace

BackupWriter::BackupWriter(const BackupHeader& header, const std::optional<Secret>& key,
                           std::function<void(Bytes)> out)
    : sum_(sum_under(key)), out_(std::move(out)) {
  put(header_of(header));
}

void BackupWriter::put(Bytes bytes) {
  sum_.add(bytes);
  out_(bytes);
  size_ += bytes.size();
}

void BackupWriter::record(std::uint8_t kind, Bytes start, Bytes rest) {
  ByteWriter writer;
  writer.number(kind, 1);
  writer.number(start.size() + rest.size(), 8);
  writer.bytes(start);
  put(writer.take());
  put(rest);
}

void BackupWriter::store(std::string_view text) {
  record(static_cast<std::uint8_t>(Kind::kStore), {}, bytes_of(text));
}

void BackupWriter::keys(std::string_view text) {
  record(static_cast<std::uint8_t>(Kind::kKeys), {}, bytes_of(text));
}

void BackupWriter::collection(std::uint64_t side, std::string_view id, std::string_view wrap) {
  ByteWriter writer;
  writer.number(side, 8);
  writer.text(id);
  writer.text(wrap);
  record(static_cast<std::uint8_t>(Kind::kCollection), writer.take(), {});
  ++collections_;
}

void BackupWriter::piece(const PieceName& name, Bytes piece) {
  record(static_cast<std::uint8_t>(Kind::kPiece), piece_key(name), piece);
  ++pieces_;
}

void BackupWriter::tombstone(const Sha256& digest, std::string_view file) {
  record(static_cast<std::uint8_t>(Kind::kTombstone), digest, bytes_of(file));
  ++tombstones_;
}

void BackupWriter::end() {
  ByteWriter writer;
  for (const std::uint64_t count : {collections_, pieces_, tombstones_}) {
    writer.number(count, 8);
  }
  record(static_cast<std::uint8_t>(Kind::kEnd), writer.take(), {});
  const Sha256 sum = sum_.value();
  out_(sum);
  size_ += sum.size();
}

Secret backup_key(const Secret& master) {
  return derive_key(master, {}, "facesearch backup");
}

BackupContents read_backup(const BackupBytes& from,
                           const std::function<std::optional<Secret>(const BackupHeader&)>& key_of,
                           const BackupProgress& progress) {
  Reader reader(from, progress);
  const BackupHeader header = reader.header();
  return reader.contents(header, key_of(header));
}

void read_part(const BackupBytes& from, const BackupPart& part, std::vector<std::uint8_t>& out) {
  out.resize(part.size);
  from.read(part.offset, out);
  if (sha256(Bytes(out)) != part.digest) {
    from.damaged("it was changed while it was read");
  }
}

}  // namespace facesearch::storage
