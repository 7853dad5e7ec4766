// SPDX-License-Identifier: MIT
#include "service/hooked_store.hpp"

#include <utility>

#include "facesearch/core/error.hpp"

namespace facesearch::test {
namespace {

struct MapFull {};

class HookedCollection : public Collection {
 public:
  HookedCollection(std::unique_ptr<Collection> inner, HookedStore& store)
      : inner_(std::move(inner)), store_(store) {}

  const CollectionRecord& record() const override { return inner_->record(); }
  std::unique_ptr<Snapshot> snapshot() const override {
    if (store_.snapshots_fail_after_a_write && written_)
      throw Error(Cause::kStoreBusy, "READERS_FULL", "as many read as can");
    return inner_->snapshot();
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
