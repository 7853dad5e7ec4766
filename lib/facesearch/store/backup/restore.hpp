// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/store/backup.hpp"
#include "facesearch/store/lmdb/open_store.hpp"

/// What a backup holds goes back into a store face by face, each verified: docs/storage-format.md#a-backup.
namespace facesearch::storage {

/// Backups::restore(). The caller holds kWork and kWraps.
BackupReport restore_collections(OpenStore& store, const RestoreRequest& request);

}  // namespace facesearch::storage
