// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>

#include "facesearch/store/store.hpp"

namespace facesearch::testing {

/// A store that lets a test in just before a write transaction, before an opening or after a listing, and
/// that may run every change twice, as an engine does whose map has to grow.
class HookedStore : public Store {
 public:
  explicit HookedStore(std::unique_ptr<Store> inner);

  std::function<void()> before_write;                 ///< runs once, before an update of a policy too
  mutable std::function<void()> after_list;           ///< runs once
  std::function<void(std::string_view)> before_open;  ///< runs every time, with the id; may throw
  bool writes_twice = false;

  const Uuid& id() const override { return inner_->id(); }
  std::vector<ApiKeyRecord> keys() const override { return inner_->keys(); }
  void add_key(const ApiKeyRecord& key) override { inner_->add_key(key); }
  bool revoke_key(const Uuid& key, Timestamp when) override { return inner_->revoke_key(key, when); }
  CollectionState state(std::string_view id) const override { return inner_->state(id); }
  void create(const CollectionRecord& collection) override { inner_->create(collection); }
  void create_with(const CollectionRecord& collection, const Beginning& with) override {
    inner_->create_with(collection, with);
  }
  std::vector<std::string> ids() const override;
  std::unique_ptr<Collection> open(std::string_view id) override;
  void update_policy(std::string_view id,
                     const std::function<Policy(const CollectionRecord&)>& change) override;
  void remove(std::string_view id) override { inner_->remove(id); }
  CheckReport check(std::string_view id) override { return inner_->check(id); }
  RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) override {
    return inner_->repair(id, new_id, dry_run);
  }
  RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) override {
    return inner_->rewrite(id, without);
  }
  BackupReport backup(const BackupRequest& request) override { return inner_->backup(request); }
  BackupReport restore(const RestoreRequest& request) override { return inner_->restore(request); }
  std::unique_ptr<NewSide> build_side(std::string_view id, const PackBinding& binding) override {
    return inner_->build_side(id, binding);
  }
  void rotate_master(const std::optional<std::string>& new_passphrase) override {
    inner_->rotate_master(new_passphrase);
  }
  void confirm_side(std::string_view id) override { inner_->confirm_side(id); }
  void revert_side(std::string_view id, const std::function<void(const CollectionRecord&)>& accept) override {
    inner_->revert_side(id, accept);
  }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace facesearch::testing
