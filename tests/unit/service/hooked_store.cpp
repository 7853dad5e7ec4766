// SPDX-License-Identifier: MIT
#include "service/hooked_store.hpp"

#include <utility>

#include "facesearch/core/error.hpp"

namespace facesearch::test {
namespace {

struct MapFull {};

class HookedSnapshot : public Snapshot {
 public:
  HookedSnapshot(std::unique_ptr<Snapshot> inner, const HookedStore& store)
      : inner_(std::move(inner)), store_(store) {}

  void visit_templates(std::span<const std::uint64_t> slots,
                       const std::function<void(const TemplateRow&)>& visit) const override {
    if (store_.before_templates) store_.before_templates(slots);
    inner_->visit_templates(slots, visit);
  }

  std::uint64_t face_count() const override { return inner_->face_count(); }
  std::uint64_t next_slot() const override { return inner_->next_slot(); }
  std::uint64_t changes() const override { return inner_->changes(); }
  std::uint64_t switches() const override { return inner_->switches(); }
  std::uint64_t code_blocks() const override { return inner_->code_blocks(); }
  std::unique_ptr<CodeReader> code_reader() const override { return inner_->code_reader(); }
  std::uint64_t id_blocks() const override { return inner_->id_blocks(); }
  std::unique_ptr<IdReader> id_reader() const override { return inner_->id_reader(); }
  void scan(std::uint64_t first, const std::function<void(const TemplateRow&)>& visit) const override {
    inner_->scan(first, visit);
  }
  void visit_ids(std::uint64_t first,
                 const std::function<bool(std::span<const FaceIds>)>& visit) const override {
    inner_->visit_ids(first, visit);
  }
  void visit_faces(std::span<const std::uint64_t> slots,
                   const std::function<void(const FaceRecord&)>& visit) const override {
    inner_->visit_faces(slots, visit);
  }
  void visit_records(std::uint64_t first,
                     const std::function<void(const FaceRecord&)>& visit) const override {
    inner_->visit_records(first, visit);
  }
  void show_faces(std::uint64_t first, const TakeFace& take) const override {
    inner_->show_faces(first, take);
  }
  std::optional<FaceRecord> find_face(const Uuid& face) const override { return inner_->find_face(face); }
  std::optional<std::vector<float>> find_template(const Uuid& face) const override {
    return inner_->find_template(face);
  }
  bool was_erased(const Uuid& face) const override { return inner_->was_erased(face); }
  std::vector<Uuid> erased() const override { return inner_->erased(); }
  std::vector<Decision> decisions() const override { return inner_->decisions(); }
  std::vector<Decision> rejections() const override { return inner_->rejections(); }
  std::unique_ptr<Means> means() const override { return inner_->means(); }
  bool has_person(const Uuid& person) const override { return inner_->has_person(person); }
  std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const override {
    return inner_->slots_of(persons);
  }
  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const override {
    return inner_->page(term, offset, limit);
  }

 private:
  std::unique_ptr<Snapshot> inner_;
  const HookedStore& store_;
};

class HookedCollection : public Collection {
 public:
  HookedCollection(std::unique_ptr<Collection> inner, HookedStore& store)
      : inner_(std::move(inner)), store_(store) {}

  const CollectionRecord& record() const override { return inner_->record(); }
  std::unique_ptr<Snapshot> snapshot() const override {
    if (store_.snapshots_fail_after_a_write && written_)
      throw Error(Cause::kStoreBusy, "READERS_FULL", "as many read as can");
    return std::make_unique<HookedSnapshot>(inner_->snapshot(), store_);
  }

  std::optional<KeptSide> kept_side() const override { return inner_->kept_side(); }

  void write(const std::function<void(WriteTransaction&)>& change) override {
    if (auto action = std::exchange(store_.before_write, {})) action();
    if (store_.writes_twice) {
      try {
        inner_->write([&](WriteTransaction& transaction) {
          change(transaction);
          throw MapFull{};
        });
      } catch (const MapFull&) {
      }
    }
    inner_->write(change);
    written_ = true;
  }

  void update_record(const std::function<void(CollectionRecord&)>& change) override {
    if (auto action = std::exchange(store_.before_write, {})) action();
    inner_->update_record(change);
  }

 private:
  std::unique_ptr<Collection> inner_;
  HookedStore& store_;
  bool written_ = false;
};

}  // namespace

HookedStore::HookedStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

std::vector<std::string> HookedStore::ids() const {
  auto ids = inner_->ids();
  if (auto action = std::exchange(after_list, {})) action();
  return ids;
}

std::unique_ptr<Collection> HookedStore::open(std::string_view id) {
  if (before_open) before_open(id);
  return std::make_unique<HookedCollection>(inner_->open(id), *this);
}

}  // namespace facesearch::test
