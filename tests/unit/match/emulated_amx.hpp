// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/match/tiles/tile_kernel.hpp"

namespace facesearch {

/// The source of the AMX kernel, with AMX's own instructions emulated; the others need AVX-512.
TileKernel emulated_amx();

}  // namespace facesearch
