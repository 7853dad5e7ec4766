// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/store/lmdb/side.hpp"

namespace facesearch::storage {

/// Rewrites a store of layout 1 in the present one: every collection is read once, sealed, and switched at
/// once, so that whatever ends it in the middle the next opening goes on. Makes a master key if there is none
/// yet. Waits for who has a collection open. Throws Error(kStoreDamaged), (kStoreBusy), (kMasterKey).
void rewrite_layout1(OpenStore& store);

}  // namespace facesearch::storage
