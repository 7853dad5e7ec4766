// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "facesearch/match/kernels/probe_codes.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"
#include "facesearch/match/tiles/tile_kernel.hpp"

namespace facesearch {

/// Many probes against rows, in tiles of 32 × 32 that stay in cache: a run of rows lies in the first cache
/// while panels of probes pass over it, so a row is read from memory once for all probes. The marks of each
/// probe are those of a row kernel. One thread at a time.
class BlockedKernel {
 public:
  /// From so many probes on it is faster than a row kernel for each.
  static constexpr std::size_t kFewestProbes = 12;

  /// The probes have one length. Copies them, in about 2 × their bytes at most.
  BlockedKernel(std::span<const ProbeCodes> probes, Kernel kernel);

  std::size_t probes() const { return probes_; }

  /// What rows are held against for a probe; all of it, before the first mark().
  void set_bounds(std::size_t probe, const RowBounds& bounds);

  /// Takes marks of rows first … first + 31 for a probe, bit i of row first + i, of which some are set. May
  /// call set_bounds(), which holds from one of the next rows on.
  using TakeMarks = std::function<void(std::size_t probe, std::size_t first, const RowMarks& marks)>;

  /// Marks rows, of any number, for the first `probes` of the probes. Calls `take` in no order.
  void mark(const RowGroup& rows, std::size_t probes, const TakeMarks& take);

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(void* room) const { operator delete[](room, kLine); }
  };
  template <typename T>
  using Room = std::unique_ptr<T[], Free>;

  // What mark() was asked for.
  struct Asked {
    const RowGroup& rows;
    std::size_t probes;
    const TakeMarks& take;
  };

  void mark_run(const Asked& asked, std::size_t begin);
  void mark_tile(const Asked& asked, std::size_t first, std::size_t probe);
  void mark_reached(const Asked& asked, std::size_t first, std::size_t probe, std::uint32_t reached) const;
  template <typename T>
  static Room<T> room(std::size_t count);

  TileKernel kernel_;
  std::size_t probes_;
  std::size_t stride_;
  Room<std::int8_t> panels_;
  Room<std::int32_t> dots_;       // of a tile
  Room<std::uint8_t> last_rows_;  // a tile's, where there are fewer than 32
  // One a probe. The last panel is filled up with probes that no row reaches.
  Room<std::int32_t> beginnings_;  // as in Tile
  Room<float> floors_;  // as in Tile, for the present run of rows: least − its error × per_error
  std::vector<float> least_;
  std::vector<float> per_error_;
  std::vector<RowBounds> bounds_;
};

}  // namespace facesearch
