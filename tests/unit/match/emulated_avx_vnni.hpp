// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/match/tiles/tile_kernel.hpp"

namespace facesearch {

/// The source of the AVX-VNNI kernel, with the form that AVX-512 has of its instruction.
TileKernel emulated_avx_vnni();

/// True if this processor runs that form.
bool can_emulate_avx_vnni();

}  // namespace facesearch
