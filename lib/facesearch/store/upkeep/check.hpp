// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/store/lmdb/side.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {

/// Reads every piece of a side and compares all that is in it twice. Throws Error(kStoreDamaged) for the
/// first thing that is not as it was written.
CheckReport check_side(const SideUse& side);
CheckReport check_side(OpenSide& side);

}  // namespace facesearch::storage
