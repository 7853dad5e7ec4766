// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "facesearch/store/store.hpp"

namespace facesearch::test {

/// A store that lets a test in just before a write transaction, an opening or a reading of templates, or
/// after a listing, and that may run every change twice, as an engine does whose map has to grow.
class HookedStore : public Store {
 public:
  explicit HookedStore(std::unique_ptr<Store> inner);

  std::function<void()> before_write;                 ///< runs once, before an update of a policy too
  mutable std::function<void()> after_list;           ///< runs once
  std::function<void(std::string_view)> before_open;  ///< runs every time, with the id; may throw
  /// Runs every time, before the templates in these slots are read of a snapshot; may throw.
  std::function<void(std::span<const std::uint64_t>)> before_templates;
  bool writes_twice = false;
  bool snapshots_fail_after_a_write = false;  ///< of the collection that was opened and written to

  const Uuid& id() const override { return inner_->id(); }
  CollectionState state(std::string_view id) const override { return inner_->state(id); }
  std::vector<std::string> ids() const override;
  void create_with(const CollectionRecord& collection, const Beginning& with) override {
    inner_->create_with(collection, with);
  }
  std::unique_ptr<Collection> open(std::string_view id) override;
  void remove(std::string_view id) override { inner_->remove(id); }
  ApiKeys& api_keys() override { return inner_->api_keys(); }
  Upkeep& upkeep() override { return inner_->upkeep(); }
  Migrations& migrations() override { return inner_->migrations(); }
  Backups& backups() override { return inner_->backups(); }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace facesearch::test
