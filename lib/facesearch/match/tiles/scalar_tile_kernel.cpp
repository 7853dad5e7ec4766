// SPDX-License-Identifier: MIT
#include <cstring>

#include "facesearch/match/tiles/tile_kernel.hpp"

namespace facesearch {

std::uint32_t scalar_tile(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t row = 0; row < kTileRows; ++row) {
    const std::uint8_t* codes = tile.rows + row * tile.stride;
    std::int32_t* sums = tile.dots + row * kTileProbes;
    std::memcpy(sums, tile.beginnings, kTileProbes * sizeof *sums);
    const std::int8_t* values = tile.panel;
    for (std::size_t at = 0; at < tile.stride; at += kTileValues) {
      for (std::size_t probe = 0; probe < kTileProbes; ++probe, values += kTileValues) {
        sums[probe] += codes[at] * values[0] + codes[at + 1] * values[1] + codes[at + 2] * values[2] +
                       codes[at + 3] * values[3];
      }
    }
    std::uint32_t any = 0;
    for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
      any |= static_cast<float>(sums[probe]) * tile.scales[row] >= tile.floors[probe] ? 1U : 0U;
    }
    reached |= any << row;
  }
  return reached;
}

}  // namespace facesearch
