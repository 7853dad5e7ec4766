// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "facesearch/match/kernels/kernel.hpp"

/// A tile: 32 rows × 32 probes. What a processor does in a tile is here, one function for
/// each kernel; which tiles there are, and what follows from their numbers, is in blocked_kernel.
namespace facesearch {

inline constexpr std::size_t kTileRows = 32;
inline constexpr std::size_t kTileProbes = 32;

/// So many neighbouring values of a probe lie together: as many as one instruction multiplies and adds up.
inline constexpr std::size_t kTileValues = 4;

/// What a tile is made of. A panel is 32 probes: their values 0–3, one probe after the other, then their
/// values 4–7, and so on.
struct Tile {
  const std::uint8_t* rows = nullptr;  ///< kTileRows × stride bytes, each a code + 128, of any alignment
  std::size_t stride = 0;              ///< a multiple of 64
  const float* scales = nullptr;       ///< kTileRows
  // What follows is aligned to 64, and what is of probes has kTileProbes values.
  const std::int8_t* panel = nullptr;        ///< stride × kTileProbes bytes
  const std::int32_t* beginnings = nullptr;  ///< −128 × the sum of a probe's codes: so much for the + 128
  const float* floors = nullptr;
  std::int32_t* dots = nullptr;  ///< kTileRows × kTileProbes; is written to
};

/// Writes Σ code × probe code of each row and probe, and returns the rows, bit i for row i, of which a dot ×
/// the row's scale, computed in float, is at or above its probe's floor. If none is, the dots may be left
/// unwritten.
using TileDots = std::uint32_t (*)(const Tile& tile);

struct TileKernel {
  TileDots dots = nullptr;
  void (*begin)() = nullptr;  ///< before a thread's first tile; null: nothing to do
  void (*end)() = nullptr;    ///< after its last one
};

/// The functions of a kernel that is available; throws Error(kInternal) where it is not. Those of the fastest
/// below it where it does not give what scalar_tile gives.
TileKernel tile_kernel(Kernel kernel);

/// The first of the kernels that gives what scalar_tile gives, in a tile of random and extreme codes;
/// scalar_tile if none does.
TileKernel first_right(std::span<const TileKernel> kernels);

std::uint32_t scalar_tile(const Tile& tile);
#if defined(__x86_64__)
std::uint32_t avx2_tile(const Tile& tile);
std::uint32_t avx_vnni_tile(const Tile& tile);
std::uint32_t vnni_tile(const Tile& tile);
std::uint32_t amx_tile(const Tile& tile);
void amx_begin();
void amx_end();
#endif

}  // namespace facesearch
