// SPDX-License-Identifier: MIT
#include "facesearch/store/format/root.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/json_records.hpp"

namespace facesearch::storage {
namespace {

// A root that counts changes, one that has decisions too, and one that has means of persons or a provisional
// calibration too. A side that has none is written as before: earlier programs can read it.
constexpr std::uint32_t kLayoutWithChanges = 3;
constexpr std::uint32_t kLayoutWithDecisions = 4;
constexpr std::uint32_t kLayoutWithMeans = 5;
// A root that has a tail: the tail comes first, then the root as one of the layouts before.
constexpr std::uint32_t kLayoutWithTail = 6;
static_assert(kLayoutWithChanges == kLayoutVersion + 1);

// The kinds that the manifest of a layout has.
std::size_t kinds_in(std::uint64_t layout) {
  if (layout >= kLayoutWithMeans) return kCountedKinds.size();
  return layout >= kLayoutWithDecisions ? kKindsWithDecisions : kFirstKinds;
}

std::uint32_t layout_of(const Root& root) {
  const Calibration& calibration = root.record.binding.calibration;
  if (root.newest_layout || root.record.policy.match_by == MatchBy::kPerson || calibration.of_means ||
      calibration.provisional) {
    return kLayoutWithMeans;
  }
  if (root.table(PieceKind::kDecisions).blocks > 0) return kLayoutWithDecisions;
  return root.changes > 0 ? kLayoutWithChanges : kLayoutVersion;
}

constexpr std::uint64_t kMostBlocks = 1ULL << 40;

void write_table(ByteWriter& writer, const BlockTable& table) {
  writer.number(table.blocks, 8);
  for (const Tag& tag : table.leaves) {
    writer.bytes(tag);
  }
}

BlockTable read_table(ByteReader& reader) {
  BlockTable table;
  table.blocks = reader.number(8);
  if (table.blocks > kMostBlocks) {
    refuse_record("it counts more blocks than a collection can have");
  }
  for (std::uint64_t i = 0; i < leaves_of(table.blocks); ++i) {
    const Bytes tag = reader.take(kTagSize);
    std::copy(tag.begin(), tag.end(), table.leaves.emplace_back().begin());
  }
  return table;
}

void write_parts(ByteWriter& writer, const Tail& tail) {
  writer.number(kLayoutWithTail, 4);
  writer.number(tail.first_slot, 8);
  writer.number(tail.parts.size(), 4);
  for (const Tail::Part& part : tail.parts) {
    writer.number(part.rows, 4);
    writer.bytes(part.tag);
  }
}

Tail read_parts(ByteReader& reader) {
  Tail tail;
  tail.first_slot = reader.number(8);
  for (std::uint64_t parts = reader.number(4); parts > 0; --parts) {
    Tail::Part& part = tail.parts.emplace_back();
    part.rows = reader.number(4);
    const Bytes tag = reader.take(kTagSize);
    std::copy(tag.begin(), tag.end(), part.tag.begin());
    if (part.rows == 0) refuse_record("a part of its tail has no rows");
  }
  if (tail.parts.empty()) refuse_record("its tail has no parts");
  return tail;
}

// Every row of a tail is in blocks that are there.
void require_blocks_of_tail(const Root& root) {
  if (root.tail.parts.empty()) return;
  const std::uint64_t first = root.tail.first_slot;
  if (first > root.next_slot || root.tail.rows() > root.next_slot - first) {
    refuse_record("its tail has slots that were not given yet");
  }
  const std::uint64_t end = first + root.tail.rows();
  const bool there = std::ranges::all_of(kTailedKinds, [&](PieceKind kind) {
    return end <= root.table(kind).blocks * root.geometry.rows(kind);
  });
  if (!there) refuse_record("its tail lies behind its blocks");
}

// A commit reads the root several times and writes it once, and the record in it hardly ever changes. So each
// thread keeps the last one, as a record and as the text that was made of it.
struct LastRecord {
  std::string text;
  CollectionRecord record;
};

std::optional<LastRecord>& last_record() {
  static thread_local std::optional<LastRecord> last;
  return last;
}

CollectionRecord record_of(std::string text) {
  std::optional<LastRecord>& last = last_record();
  if (!last || text != last->text) {
    CollectionRecord record = read_collection(text);
    last = {std::move(text), std::move(record)};
  }
  return last->record;
}

const std::string& text_of(const CollectionRecord& record) {
  std::optional<LastRecord>& last = last_record();
  if (!last || record != last->record) {
    std::string text = write_collection(record);
    last = {std::move(text), record};
  }
  return last->text;
}

}  // namespace

std::uint64_t Tail::rows() const {
  std::uint64_t rows = 0;
  for (const Part& part : parts) rows += part.rows;
  return rows;
}

std::vector<std::uint8_t> write_root(const Root& root) {
  ByteWriter writer;
  if (!root.tail.parts.empty()) write_parts(writer, root.tail);
  const std::uint32_t layout = layout_of(root);
  writer.number(layout, 4);
  for (const std::uint64_t number : {root.version, root.switches, root.next_slot, root.faces, root.erased}) {
    writer.number(number, 8);
  }
  if (layout >= kLayoutWithChanges) writer.number(root.changes, 8);
  if (layout >= kLayoutWithMeans) {
    for (const std::uint64_t count : root.means) writer.number(count, 8);
    writer.number(root.in_means, 8);
  }
  const Geometry& geometry = root.geometry;
  for (const std::uint32_t number : {geometry.dimension, geometry.code_rows, geometry.template_rows,
                                     geometry.id_rows, geometry.record_rows}) {
    writer.number(number, 4);
  }
  writer.text(text_of(root.record));
  for (std::size_t kind = 0; kind < kinds_in(layout); ++kind) {
    write_table(writer, root.tables.at(kind));
  }
  return writer.take();
}

Root read_root(Bytes payload) {
  ByteReader reader(payload);
  std::uint64_t layout = reader.number(4);
  require_known_version(layout, kLayoutVersion, kLayoutWithTail);
  Root root;
  if (layout == kLayoutWithTail) {
    root.tail = read_parts(reader);
    layout = reader.number(4);
    require_known_version(layout, kLayoutVersion, kLayoutWithMeans);
  }
  for (std::uint64_t* number : {&root.version, &root.switches, &root.next_slot, &root.faces, &root.erased}) {
    *number = reader.number(8);
  }
  if (layout >= kLayoutWithChanges) root.changes = reader.number(8);
  root.newest_layout = layout >= kLayoutWithMeans;
  if (root.newest_layout) {
    for (std::uint64_t& count : root.means) count = reader.number(8);
    root.in_means = reader.number(8);
  }
  Geometry& geometry = root.geometry;
  for (std::uint32_t* number : {&geometry.dimension, &geometry.code_rows, &geometry.template_rows,
                                &geometry.id_rows, &geometry.record_rows}) {
    *number = static_cast<std::uint32_t>(reader.number(4));
  }
  root.record = record_of(reader.text());
  for (std::size_t kind = 0; kind < kinds_in(layout); ++kind) {
    root.tables.at(kind) = read_table(reader);
  }
  reader.end();
  if (!is_usable(geometry) ||
      geometry.dimension != static_cast<std::uint32_t>(root.record.binding.dimension)) {
    refuse_record("the sizes of its blocks are out of range");
  }
  for (std::size_t group = 0; group < kMeanGroups; ++group) {
    if (root.means[group] > root.table(means_kind(group)).blocks * geometry.code_rows) {
      refuse_record("it counts more means than its blocks can hold");
    }
  }
  require_blocks_of_tail(root);
  return root;
}

}  // namespace facesearch::storage
