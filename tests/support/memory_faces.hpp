// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/store/store.hpp"

/// The faces of a collection of the memory store, and the views of them.
namespace facesearch::memory {

struct Row {
  std::uint64_t slot = 0;
  FaceRecord record;
  std::vector<float> values;
};

/// The faces of a collection at one moment. A write works on a copy (of pointers and ids, not of faces) and
/// puts it in the place of the last one.
struct Faces {
  std::vector<std::shared_ptr<const Row>> rows;         ///< by slot
  std::vector<std::pair<Uuid, std::uint64_t>> slots;    ///< by face
  std::vector<std::pair<Uuid, std::uint64_t>> persons;  ///< by person: how many faces
  std::vector<Uuid> erased;                             ///< by face
  std::vector<Uuid> left_out;                           ///< of `erased`: by a migration, on this side only
  /// Sorted: faces of deleted collections of this id.
  std::shared_ptr<const std::vector<Uuid>> generations = std::make_shared<const std::vector<Uuid>>();
  std::uint64_t next_slot = 0;
  std::uint64_t switches = 0;  ///< as a root's, both
  std::uint64_t changes = 0;
  std::vector<Decision> decisions{};
};

template <class Pairs>
auto find_pair(Pairs& pairs, const Uuid& id) {
  const auto at = std::lower_bound(pairs.begin(), pairs.end(), id, [](const auto& entry, const Uuid& wanted) {
    return entry.first < wanted;
  });
  return std::pair(at, at != pairs.end() && at->first == id);
}

template <class Rows>
auto slot_at(Rows& rows, std::uint64_t slot) {
  return std::lower_bound(rows.begin(), rows.end(), slot,
                          [](const auto& row, std::uint64_t wanted) { return row->slot < wanted; });
}

/// Makes blocks of codes of the rows, each when it is read.
class MemoryCodeReader final : public CodeReader {
 public:
  static constexpr std::size_t kRows = 64;

  explicit MemoryCodeReader(const std::vector<std::shared_ptr<const Row>>& rows) : rows_(rows) {}
  CodeBlock read(std::uint64_t block) override;

 private:
  const std::vector<std::shared_ptr<const Row>>& rows_;
  std::vector<std::uint8_t> codes_;
  std::array<float, kRows> scales_{};
  std::array<float, kRows> errors_{};
  std::uint64_t live_ = 0;
};

/// As many rows to a block as codes have.
class MemoryIdReader final : public IdReader {
 public:
  explicit MemoryIdReader(const Faces& faces) : faces_(faces) {}
  std::span<const FaceIds> read(std::uint64_t block) override {
    found_.clear();
    const std::uint64_t end = (block + 1) * MemoryCodeReader::kRows;
    for (auto at = slot_at(faces_.rows, block * MemoryCodeReader::kRows);
         at != faces_.rows.end() && (*at)->slot < end; ++at) {
      found_.push_back({(*at)->slot, (*at)->record.face, (*at)->record.person});
    }
    return found_;
  }

 private:
  const Faces& faces_;
  std::vector<FaceIds> found_;
};

template <class Base>
class MemoryView : public Base {
 public:
  std::uint64_t face_count() const override { return faces().rows.size(); }
  std::uint64_t next_slot() const override { return faces().next_slot; }
  std::uint64_t switches() const override { return faces().switches; }
  std::uint64_t changes() const override { return faces().changes; }
  std::uint64_t code_blocks() const override {
    const auto& rows = faces().rows;
    return rows.empty() ? 0 : rows.back()->slot / MemoryCodeReader::kRows + 1;
  }
  std::unique_ptr<CodeReader> code_reader() const override {
    return std::make_unique<MemoryCodeReader>(faces().rows);
  }

  std::uint64_t id_blocks() const override { return code_blocks(); }
  std::unique_ptr<IdReader> id_reader() const override { return std::make_unique<MemoryIdReader>(faces()); }

  void visit_templates(std::span<const std::uint64_t> slots,
                       const std::function<void(const TemplateRow&)>& visit) const override {
    for (const std::uint64_t slot : slots) {
      const Row& row = **slot_at(faces().rows, slot);
      visit({row.slot, row.record.face, row.record.person, row.values});
    }
  }

  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const override {
    const auto rows = faces().rows;
    for (auto at = slot_at(rows, first_slot); at != rows.end(); ++at) {
      visit({(*at)->slot, (*at)->record.face, (*at)->record.person, (*at)->values});
    }
  }

  void visit_ids(std::uint64_t first_slot,
                 const std::function<bool(std::span<const FaceIds>)>& visit) const override {
    const auto rows = faces().rows;
    for (auto at = slot_at(rows, first_slot); at != rows.end(); ++at) {
      const FaceIds ids{(*at)->slot, (*at)->record.face, (*at)->record.person};
      if (!visit({&ids, 1})) return;
    }
  }

  void visit_faces(std::span<const std::uint64_t> slots,
                   const std::function<void(const FaceRecord&)>& visit) const override {
    for (const std::uint64_t slot : slots) visit((*slot_at(faces().rows, slot))->record);
  }

  void visit_records(std::uint64_t first_slot,
                     const std::function<void(const FaceRecord&)>& visit) const override {
    const auto rows = faces().rows;
    for (auto at = slot_at(rows, first_slot); at != rows.end(); ++at) visit((*at)->record);
  }

  void show_faces(std::uint64_t first_slot, const TakeFace& take) const override {
    const auto rows = faces().rows;
    for (auto at = slot_at(rows, first_slot); at != rows.end(); ++at) {
      if (!take((*at)->slot, (*at)->record, (*at)->values)) return;
    }
  }

  std::optional<FaceRecord> find_face(const Uuid& face) const override {
    const auto row = find_row(face);
    return row ? std::optional(row->record) : std::nullopt;
  }
  std::optional<std::vector<float>> find_template(const Uuid& face) const override {
    const auto row = find_row(face);
    return row ? std::optional(row->values) : std::nullopt;
  }
  bool was_erased(const Uuid& face) const override {
    const auto& erased = faces().erased;
    const auto& before = *faces().generations;
    return std::binary_search(erased.begin(), erased.end(), face) ||
           (std::binary_search(before.begin(), before.end(), face) && !find_pair(faces().slots, face).second);
  }
  std::unique_ptr<Means> means() const override { return nullptr; }
  std::vector<Uuid> erased() const override { return faces().erased; }
  std::vector<Decision> decisions() const override { return faces().decisions; }
  std::vector<Decision> rejections() const override {
    std::vector<Decision> rejections = faces().decisions;
    std::erase_if(rejections, [](const auto& one) { return one.kind != Decision::Kind::kNotThisPerson; });
    return rejections;
  }
  bool has_person(const Uuid& person) const override { return find_pair(faces().persons, person).second; }

  std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const override {
    std::vector<std::vector<std::uint64_t>> slots(persons.size());
    for (const auto& row : faces().rows) {
      for (std::size_t i = 0; i < persons.size(); ++i) {
        if (row->record.person == persons[i]) {
          slots[i].push_back(row->slot);
        }
      }
    }
    return slots;
  }

  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const override {
    FacePage page;
    for (const auto& row : faces().rows) {
      if (term.empty() || row->record.face.text().find(term) != std::string::npos) {
        if (page.total >= offset && page.faces.size() < limit) {
          page.faces.push_back(row->record);
        }
        ++page.total;
      }
    }
    return page;
  }

 protected:
  virtual const Faces& faces() const = 0;

  std::shared_ptr<const Row> find_row(const Uuid& face) const {
    const auto [at, there] = find_pair(faces().slots, face);
    return there ? *slot_at(faces().rows, at->second) : nullptr;
  }
};

class MemorySnapshot final : public MemoryView<Snapshot> {
 public:
  MemorySnapshot(std::shared_ptr<const Faces> faces, CollectionRecord record)
      : faces_(std::move(faces)), record_(std::move(record)) {}

  std::unique_ptr<Means> means() const override;

 private:
  const Faces& faces() const override { return *faces_; }
  std::shared_ptr<const Faces> faces_;
  CollectionRecord record_;
};

class MemoryWriteTransaction final : public MemoryView<WriteTransaction> {
 public:
  MemoryWriteTransaction(Faces& changed, std::size_t dimension) : faces_(changed), dimension_(dimension) {}

  void add(const FaceRecord& face, std::span<const float> values) override;
  bool update(const FaceRecord& face) override;
  void set_decisions(std::span<const Decision> decisions) override;
  bool erase(const Uuid& face) override;

  /// As LmdbWriteTransaction's.
  void put_at(std::uint64_t slot, const FaceRecord& face, std::span<const float> values);
  void bury(const Uuid& face, bool left_out);

 private:
  const Faces& faces() const override { return faces_; }
  void count_in(const Uuid& person);
  void count_out(const Uuid& person);
  Faces& faces_;
  std::size_t dimension_;
};

/// The decisions of a live side for one of another pack, which has `own`.
std::vector<Decision> carried_over(std::vector<Decision> live, const std::vector<Decision>& own);

/// The same faces, erased ids and decisions without holes; those of no former generation.
Faces in_new_slots(const Faces& faces, std::size_t dimension);

}  // namespace facesearch::memory
