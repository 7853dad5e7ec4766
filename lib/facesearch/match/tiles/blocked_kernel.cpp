// SPDX-License-Identifier: MIT
// 1. A run of rows is chosen that fits into the first cache. From its largest error, and from what a probe's
//    rows must reach, comes the probe's floor: a dot × scale below it is of no row that is wanted.
// 2. Panel by panel, tile by tile, the dots are computed (tile_kernel) and held against the floors.
// 3. The few rows of a tile of which one reaches its floor are marked as a row kernel marks them.
#include "facesearch/match/tiles/blocked_kernel.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"

namespace facesearch {
namespace {

// Bytes of a run's codes: half of the smallest first cache there is, so that a panel has room beside them.
constexpr std::size_t kRunBytes = 16U << 10U;

// More than what the floats of floors and marks are rounded by, as a cosine: marks by 1.2 · 10⁻⁶
// (row_bounds.cpp), and the terms of a floor, each below 4, by less than 24 · 2⁻²⁴ < 1.5 · 10⁻⁶ together.
constexpr double kFloorSlack = 1e-5;

std::size_t panels_of(std::size_t probes) {
  return (probes + kTileProbes - 1) / kTileProbes;
}

std::size_t run_rows(std::size_t stride) {
  return std::max<std::size_t>(kRunBytes / stride / kTileRows, 1) * kTileRows;
}

// One that is no number, in a damaged store, bounds nothing: it must hide no other row.
float largest_error(std::span<const float> errors) {
  float largest = 0;
  for (const float error : errors) {
    if (std::isnan(error)) return std::numeric_limits<float>::infinity();
    largest = std::max(largest, error);
  }
  return largest;
}

// What tiles need before the first one is computed, and after the last.
class TilesInUse {
 public:
  explicit TilesInUse(const TileKernel& kernel) : kernel_(kernel) {
    if (kernel_.begin != nullptr) kernel_.begin();
  }
  TilesInUse(const TilesInUse&) = delete;
  TilesInUse& operator=(const TilesInUse&) = delete;
  ~TilesInUse() {
    if (kernel_.end != nullptr) kernel_.end();
  }

 private:
  const TileKernel& kernel_;
};

}  // namespace

template <typename T>
BlockedKernel::Room<T> BlockedKernel::room(std::size_t count) {
  return Room<T>(new (kLine) T[count]());
}

BlockedKernel::BlockedKernel(std::span<const ProbeCodes> probes, Kernel kernel)
    : kernel_(tile_kernel(kernel)),
      probes_(probes.size()),
      stride_(probes.empty() ? 0 : probes.front().codes.size()),
      panels_(room<std::int8_t>(panels_of(probes_) * kTileProbes * stride_)),
      dots_(room<std::int32_t>(kTileRows * kTileProbes)),
      last_rows_(room<std::uint8_t>(kTileRows * stride_)),
      beginnings_(room<std::int32_t>(panels_of(probes_) * kTileProbes)),
      floors_(room<float>(panels_of(probes_) * kTileProbes)) {
  constexpr float kNever = std::numeric_limits<float>::infinity();
  const std::size_t all = panels_of(probes_) * kTileProbes;
  least_.resize(all, kNever);
  per_error_.resize(all);
  bounds_.resize(all, {0, 0, 0, kNever, kNever, kNever});
  for (std::size_t i = 0; i < probes_; ++i) {
    const std::vector<std::int8_t>& codes = probes[i].codes;
    if (codes.size() != stride_) {
      throw Error(Cause::kInternal, "INTERNAL", "probes of several lengths were to be compared together");
    }
    beginnings_[i] = -probes[i].offset;
    std::int8_t* panel = &panels_[i / kTileProbes * kTileProbes * stride_];
    for (std::size_t at = 0; at < stride_; at += kTileValues) {
      std::memcpy(panel + at * kTileProbes + i % kTileProbes * kTileValues, &codes[at], kTileValues);
    }
  }
}

// A row of scale s and error e is marked only if s × dot_scale × dot + e × per_error + base reaches the lower
// of reach and match_open.
void BlockedKernel::set_bounds(std::size_t probe, const RowBounds& bounds) {
  bounds_[probe] = bounds;
  const auto scale = static_cast<double>(bounds.dot_scale);
  const auto least = static_cast<double>(std::min(bounds.reach, bounds.match_open));
  least_[probe] = rounded_down((least - static_cast<double>(bounds.base) - kFloorSlack) / scale);
  per_error_[probe] = rounded_up(static_cast<double>(bounds.per_error) / scale);
}

void BlockedKernel::mark(const RowGroup& rows, std::size_t probes, const TakeMarks& take) {
  if (rows.stride != stride_ && rows.count > 0 && probes > 0) {
    throw Error(Cause::kInternal, "INTERNAL", "probes were compared with codes of another length");
  }
  if (probes == 0) return;
  const TilesInUse tiles(kernel_);
  const Asked asked{rows, std::min(probes, probes_), take};
  const std::size_t step = run_rows(stride_);
  for (std::size_t first = 0; first < rows.count; first += step) mark_run(asked, first);
}

void BlockedKernel::mark_run(const Asked& asked, std::size_t begin) {
  const std::size_t end = std::min(begin + run_rows(stride_), asked.rows.count);
  const std::size_t all = panels_of(asked.probes) * kTileProbes;
  const float error = largest_error({asked.rows.errors + begin, end - begin});
  for (std::size_t i = 0; i < all; ++i) floors_[i] = least_[i] - error * per_error_[i];
  for (std::size_t probe = 0; probe < all; probe += kTileProbes) {
    for (std::size_t first = begin; first < end; first += kTileRows) mark_tile(asked, first, probe);
  }
}

void BlockedKernel::mark_tile(const Asked& asked, std::size_t first, std::size_t probe) {
  const RowGroup& rows = asked.rows;
  const std::size_t count = std::min(kTileRows, rows.count - first);
  Tile tile;
  tile.rows = rows.codes + first * stride_;
  tile.stride = stride_;
  tile.scales = rows.scales + first;
  tile.panel = &panels_[probe * stride_];
  tile.beginnings = &beginnings_[probe];
  tile.floors = &floors_[probe];
  tile.dots = dots_.get();
  std::array<float, kTileRows> last_scales{};
  std::uint32_t there = ~std::uint32_t{0};
  if (count < kTileRows) {
    std::memcpy(last_rows_.get(), tile.rows, count * stride_);
    std::copy_n(tile.scales, count, last_scales.begin());
    tile.rows = last_rows_.get();
    tile.scales = last_scales.data();
    there = (std::uint32_t{1} << count) - 1;
  }
  const std::uint32_t reached = kernel_.dots(tile) & there;
  if (reached != 0) mark_reached(asked, first, probe, reached);
}

void BlockedKernel::mark_reached(const Asked& asked, std::size_t first, std::size_t probe,
                                 std::uint32_t reached) const {
  std::array<std::uint32_t, kTileProbes> wanted{};
  std::array<std::uint32_t, kTileProbes> sure{};
  for (std::uint32_t rest = reached; rest != 0; rest &= rest - 1) {
    const auto row = static_cast<std::size_t>(std::countr_zero(rest));
    const std::uint32_t bit = rest & -rest;
    const float scale = asked.rows.scales[first + row];
    const float error = asked.rows.errors[first + row];
    const std::int32_t* dots = &dots_[row * kTileProbes];
    for (std::size_t i = 0; i < kTileProbes; ++i) {
      const RowFinding found = find_row(bounds_[probe + i], scale, error, dots[i]);
      sure[i] |= found.sure ? bit : 0;
      wanted[i] |= found.wanted ? bit : 0;
    }
  }
  const std::size_t count = std::min(kTileProbes, asked.probes - probe);
  for (std::size_t i = 0; i < count; ++i) {
    if ((wanted[i] | sure[i]) != 0) asked.take(probe + i, first, {wanted[i], sure[i]});
  }
}

}  // namespace facesearch
