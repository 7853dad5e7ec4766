// SPDX-License-Identifier: MIT
#include "facesearch/match/tiles/tile_kernel.hpp"

namespace facesearch {

TileKernel tile_kernel(Kernel kernel) {
  require_available(kernel);
  switch (kernel) {
#if defined(__x86_64__)
    case Kernel::kAvx2:
      return {avx2_tile};
    case Kernel::kAvxVnni:
      return {avx_vnni_tile};
    case Kernel::kVnni:
      return {vnni_tile};
    case Kernel::kAmx:
      return {amx_tile, amx_begin, amx_end};
#endif
    default:
      return {scalar_tile};
  }
}

}  // namespace facesearch
