// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "facesearch/store/lmdb/open_store.hpp"
#include "facesearch/store/upkeep.hpp"

namespace facesearch::storage {

/// Takes the store's locks; the work is in check, rewrite, repair/ and crypto/master_keys.
class LmdbUpkeep final : public Upkeep {
 public:
  explicit LmdbUpkeep(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}

  CheckReport check(std::string_view id) override;
  RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) override;
  RewriteReport rewrite(std::string_view id, std::span<const Uuid> without,
                        std::span<const Decision> more) override;
  void rotate_master(const std::optional<std::string>& new_passphrase) override;

 private:
  void require_openable() const;

  std::shared_ptr<OpenStore> store_;
};

}  // namespace facesearch::storage
