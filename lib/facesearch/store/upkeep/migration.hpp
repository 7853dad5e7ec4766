// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/lmdb/open_store.hpp"
#include "facesearch/store/migration.hpp"

/// Another pack for a collection: docs/storage-format.md says what lies where at which moment.
namespace facesearch::storage {

class LmdbMigrations final : public Migrations {
 public:
  explicit LmdbMigrations(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}

  std::unique_ptr<NewSide> begin(std::string_view id, const PackBinding& binding) override;
  void confirm(std::string_view id) override;
  void revert(std::string_view id, const std::function<void(CollectionRecord&)>& accept) override;

 private:
  std::shared_ptr<OpenStore> store_;
};

/// Throws Error(kInvalidValue, MIGRATION_UNCONFIRMED) if a former side is kept.
void require_none_kept(std::string_view id, const SidesRecord& sides);

}  // namespace facesearch::storage
