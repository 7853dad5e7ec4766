// SPDX-License-Identifier: MIT
#include "emulated_amx.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace facesearch {
namespace {

// As Intel's manual describes LDTILECFG, TILELOADD, TDPBUSD and TILESTORED.
class Amx {
 public:
  void load_config(const void* from) {
    std::array<std::uint8_t, 64> bytes{};
    std::memcpy(bytes.data(), from, bytes.size());
    if (bytes[0] != 1 || bytes[1] != 0) throw std::logic_error("palette and start row");
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
      std::uint16_t width = 0;
      std::memcpy(&width, &bytes[16 + 2 * i], sizeof width);
      tiles_[i] = {bytes[48 + i], width, {}};
      if (tiles_[i].rows > 16 || width > 64) throw std::logic_error("a tile's shape");
    }
    configured_ = true;
  }

  void release() { configured_ = false; }

  void load(std::size_t tile, const void* base, std::size_t stride) {
    Registers& to = at(tile);
    for (std::size_t row = 0; row < to.rows; ++row) {
      std::memcpy(to.line(row), static_cast<const std::uint8_t*>(base) + row * stride, to.width);
    }
  }

  void store(std::size_t tile, void* base, std::size_t stride) {
    Registers& from = at(tile);
    for (std::size_t row = 0; row < from.rows; ++row) {
      std::memcpy(static_cast<std::uint8_t*>(base) + row * stride, from.line(row), from.width);
    }
  }

  void multiply_add(std::size_t sums, std::size_t bytes, std::size_t values) {
    Registers& c = at(sums);
    Registers& a = at(bytes);
    Registers& b = at(values);
    if (c.rows != a.rows || c.width != b.width || a.width != 4 * b.rows) throw std::logic_error("shapes");
    for (std::size_t m = 0; m < c.rows; ++m) {
      for (std::size_t n = 0; n < c.width / 4U; ++n) {
        std::int32_t sum = 0;
        std::memcpy(&sum, c.line(m) + 4 * n, sizeof sum);
        for (std::size_t k = 0; k < a.width; ++k) {
          sum += a.line(m)[k] * static_cast<std::int8_t>(b.line(k / 4)[4 * n + k % 4]);
        }
        std::memcpy(c.line(m) + 4 * n, &sum, sizeof sum);
      }
    }
  }

 private:
  struct Registers {
    std::size_t rows = 0;
    std::size_t width = 0;
    std::array<std::uint8_t, 1024> bytes{};
    std::uint8_t* line(std::size_t row) { return &bytes[row * 64]; }
  };

  Registers& at(std::size_t tile) {
    if (!configured_) throw std::logic_error("tiles without a shape");
    return tiles_.at(tile);
  }

  bool configured_ = false;
  std::array<Registers, 8> tiles_;
};

Amx emulated;

}  // namespace
}  // namespace facesearch

// The kernel's own source, under other names.
#undef _tile_loadconfig
#undef _tile_release
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbusd
// NOLINTBEGIN(bugprone-reserved-identifier)
#define _tile_loadconfig(from) emulated.load_config(from)
#define _tile_release() emulated.release()
#define _tile_loadd(tile, base, stride) emulated.load(tile, base, stride)
#define _tile_stored(tile, base, stride) emulated.store(tile, base, stride)
#define _tile_dpbusd(sums, bytes, values) emulated.multiply_add(sums, bytes, values)
// NOLINTEND(bugprone-reserved-identifier)
#define amx_begin emulated_amx_begin
#define amx_end emulated_amx_end
#define amx_tile emulated_amx_tile
namespace facesearch {
void emulated_amx_begin();
void emulated_amx_end();
std::uint32_t emulated_amx_tile(const Tile& tile);
}  // namespace facesearch
#include "facesearch/match/tiles/amx_tile_kernel.cpp"  // NOLINT(bugprone-suspicious-include)

namespace facesearch {

TileKernel emulated_amx() {
  return {amx_tile, amx_begin, amx_end};
}

}  // namespace facesearch

#else

namespace facesearch {

TileKernel emulated_amx() {
  return {scalar_tile};
}

}  // namespace facesearch
#endif
