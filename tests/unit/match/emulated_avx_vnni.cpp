// SPDX-License-Identifier: MIT
#include "emulated_avx_vnni.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

// The kernel's own source, under another name.
#undef _mm256_dpbusd_avx_epi32
// NOLINTBEGIN(bugprone-reserved-identifier)
#define _mm256_dpbusd_avx_epi32(sums, bytes, values) _mm256_dpbusd_epi32(sums, bytes, values)
// NOLINTEND(bugprone-reserved-identifier)
#define FACESEARCH_AVX_VNNI_TARGET "avx2,avx512vl,avx512vnni"
#define avx_vnni_tile emulated_avx_vnni_tile
namespace facesearch {
std::uint32_t emulated_avx_vnni_tile(const Tile& tile);
}  // namespace facesearch
#include "facesearch/match/tiles/avx_vnni_tile_kernel.cpp"  // NOLINT(bugprone-suspicious-include)

namespace facesearch {

TileKernel emulated_avx_vnni() {
  return {avx_vnni_tile};
}

bool can_emulate_avx_vnni() {
  return __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
}

}  // namespace facesearch

#else

namespace facesearch {

TileKernel emulated_avx_vnni() {
  return {scalar_tile};
}

bool can_emulate_avx_vnni() {
  return false;
}

}  // namespace facesearch
#endif
