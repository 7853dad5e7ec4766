// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "facesearch/store/backup.hpp"
#include "facesearch/store/lmdb/side.hpp"

/// What a backup holds goes back into a store face by face, each verified: docs/storage-format.md#a-backup.
namespace facesearch::storage {

/// Store::restore(). `before_sealed` may refuse a collection that is encrypted. The caller keeps others from
/// sweeping and the master key from being replaced.
BackupReport restore_collections(OpenStore& store, const RestoreRequest& request,
                                 const std::function<void()>& before_sealed);

}  // namespace facesearch::storage
