// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/lmdb/collection.hpp"

/// Another pack for a collection: docs/storage-format.md says what lies where at which moment.
namespace facesearch::storage {

class LmdbNewSide final : public NewSide {
 public:
  /// `work` keeps others from sweeping what is made here.
  LmdbNewSide(std::shared_ptr<OpenStore> store, LockFile work, std::string_view id, PackBinding binding);

  void put(const std::vector<NewTemplate>& templates) override;
  void go_live(const std::function<void(const Becoming&)>& accept) override;

 private:
  void require_base(const CollectionRecord& live, const SidesRecord& sides) const;
  Becoming becoming(const SideView& live, const SidesRecord& sides) const;
  void follow(SideView& live, const Becoming& next, LmdbWriteTransaction& side) const;

  std::shared_ptr<OpenStore> store_;
  LockFile work_;
  std::string id_;
  PackBinding binding_;
  Uuid base_;  ///< the generation it is made of
  std::uint64_t base_side_ = 0;
  std::uint64_t number_ = 0;  ///< of this side
  Uuid generation_ = Uuid::make();
  WorkFolder made_;
  std::unique_ptr<OpenSide> side_;
};

/// Throws Error(kInvalidValue, MIGRATION_UNCONFIRMED) if a former side is kept.
void require_none_kept(std::string_view id, const SidesRecord& sides);

/// Store::confirm_side() and Store::revert_side(); the caller keeps others from sweeping.
void drop_kept_side(const std::shared_ptr<OpenStore>& store, std::string_view id);
void restore_kept_side(OpenStore& store, std::string_view id,
                       const std::function<void(const CollectionRecord&)>& accept);

}  // namespace facesearch::storage
