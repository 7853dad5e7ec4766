// SPDX-License-Identifier: MIT
// A kernel is held against scalar_tile, once in a process, before it is trusted: not all of them could be
// tested on a processor of their own.
#include "facesearch/match/tiles/tile_kernel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace facesearch {
namespace {

constexpr std::size_t kStride = 192;
constexpr std::size_t kDots = kTileRows * kTileProbes;

// A tile of random bytes and of the extremes of them.
class TrialTile {
 public:
  TrialTile() {
    std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): the same in each process
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto any = static_cast<std::uint8_t>(random());
      const std::array<std::uint8_t, 4> codes_of_rows{any, 0, 255,
                                                      any < 128 ? std::uint8_t{0} : std::uint8_t{255}};
      rows_[i] = codes_of_rows[i / kStride % 4];
    }
    for (std::size_t at = 0; at < kStride; ++at) {
      for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
        const std::int32_t code =
            probe % 3 == 0 ? extreme_code(probe, at) : static_cast<std::int32_t>(random() % 65) - 32;
        panel_[at / kTileValues * kTileValues * kTileProbes + probe * kTileValues + at % kTileValues] =
            static_cast<std::int8_t>(code);
        beginnings_[probe] -= 128 * code;
      }
    }
    // Powers of two, so that no kernel rounds.
    for (std::size_t row = 0; row < kTileRows; ++row)
      scales_[row] = std::ldexp(1.0F, -static_cast<int>(row % 4));
    reach_all();
    expected_all_ = run({scalar_tile});
    reach_some();
    expected_some_ = run({scalar_tile});
  }

  bool gives_the_same(const TileKernel& kernel) {
    reach_all();
    if (!(run(kernel) == expected_all_)) return false;
    reach_some();
    return run(kernel) == expected_some_;
  }

 private:
  struct Outcome {
    std::uint32_t reached = 0;
    std::vector<std::int32_t> dots;  // of the rows that are reached
    bool operator==(const Outcome&) const = default;
  };

  // The codes at 64 j + 2 k + {0, 1, 32, 33} come to at most 128 together, as those of a probe.
  static std::int32_t extreme_code(std::size_t probe, std::size_t at) {
    const std::size_t place = at % 64;
    if (place >= 32 || place % 2 != 0) return 0;
    return probe % 2 == 0 ? 127 : -128;
  }

  void reach_all() { floors_.fill(-std::numeric_limits<float>::infinity()); }

  // Some floors are met by the best row alone, some missed by it, the others are out of reach.
  void reach_some() {
    constexpr float kNever = std::numeric_limits<float>::infinity();
    floors_.fill(kNever);
    for (std::size_t probe = 0; probe < kTileProbes; probe += 5) {
      float most = -kNever;
      for (std::size_t row = 0; row < kTileRows; ++row) {
        const std::int32_t dot = expected_all_.dots[row * kTileProbes + probe];
        most = std::max(most, static_cast<float>(dot) * scales_[row]);
      }
      floors_[probe] = probe % 2 == 0 ? most : std::nextafter(most, kNever);
    }
  }

  Outcome run(const TileKernel& kernel) {
    dots_.fill(0);
    const Tile tile{rows_.data(),       kStride,        scales_.data(), panel_.data(),
                    beginnings_.data(), floors_.data(), dots_.data()};
    if (kernel.begin != nullptr) kernel.begin();
    Outcome outcome{kernel.dots(tile), {}};
    if (kernel.end != nullptr) kernel.end();
    for (std::size_t i = 0; i < kDots; ++i) {
      if ((outcome.reached >> (i / kTileProbes) & 1U) != 0) outcome.dots.push_back(dots_[i]);
    }
    return outcome;
  }

  alignas(64) std::array<std::int8_t, kStride * kTileProbes> panel_{};
  alignas(64) std::array<std::int32_t, kTileProbes> beginnings_{};
  alignas(64) std::array<float, kTileProbes> floors_{};
  alignas(64) std::array<std::int32_t, kDots> dots_{};
  std::array<std::uint8_t, kStride * kTileRows> rows_{};
  std::array<float, kTileRows> scales_{};
  Outcome expected_all_;
  Outcome expected_some_;
};

TileKernel functions_of(Kernel kernel) {
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

// By their kernel: the functions of it or, if it gives other numbers, of the fastest below it.
std::array<TileKernel, 5> proven_kernels() {
  std::array<TileKernel, 5> proven{};
  std::vector<TileKernel> fastest_first;
  for (const Kernel kernel : all_kernels()) {
    if (!is_available(kernel)) continue;
    fastest_first.insert(fastest_first.begin(), functions_of(kernel));
    proven.at(static_cast<std::size_t>(kernel)) = first_right(fastest_first);
  }
  return proven;
}

}  // namespace

TileKernel first_right(std::span<const TileKernel> kernels) {
  const auto trial = std::make_unique<TrialTile>();
  for (const TileKernel& kernel : kernels) {
    if (kernel.dots == scalar_tile || trial->gives_the_same(kernel)) return kernel;
  }
  return {scalar_tile};
}

TileKernel tile_kernel(Kernel kernel) {
  require_available(kernel);
  static const auto proven = proven_kernels();
  return proven.at(static_cast<std::size_t>(kernel));
}

}  // namespace facesearch
