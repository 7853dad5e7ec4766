// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "catch.hpp"
#include "code_gallery.hpp"
#include "emulated_amx.hpp"
#include "emulated_avx_vnni.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"
#include "facesearch/match/tiles/blocked_kernel.hpp"

namespace facesearch {
namespace {

// A tile with all that it points to.
struct Example {
  Example(std::size_t stride, unsigned kind, std::mt19937& random) : rows(kTileRows * stride + 1) {
    const std::size_t dimension = stride - random() % 64;
    const std::array<std::uint8_t, 3> ends{0, 255, 128};
    for (std::uint8_t& code : rows) {
      code =
          kind % 3 == 0 ? static_cast<std::uint8_t>(random()) : ends.at(random() % (kind % 3 == 1 ? 3 : 1));
      if (kind % 6 == 5) code = 255;
    }
    panel.resize(stride * kTileProbes / 64);
    floors.resize(kTileProbes * 4 / 64);
    beginnings.resize(kTileProbes * 4 / 64);
    dots.resize(kTileRows * kTileProbes * 4 / 64);
    // Powers of two, so that no kernel rounds.
    for (float& scale : scales) scale = std::ldexp(1.0F, -static_cast<int>(random() % 4));
    for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
      const auto values = templates_of_kind(static_cast<int>(kind % kKinds), 1, dimension, random).front();
      const ProbeCodes codes = encode_probe(values);
      probes.push_back(codes.codes);
      bytes_of<std::int32_t>(beginnings)[probe] = -codes.offset;
      for (std::size_t at = 0; at < stride; at += kTileValues) {
        std::memcpy(bytes(panel) + at * kTileProbes + probe * kTileValues, &probes.back()[at], kTileValues);
      }
    }
    shift = random() % 2;
    tile = {rows.data() + shift,
            stride,
            scales.data(),
            bytes_of<std::int8_t>(panel),
            bytes_of<std::int32_t>(beginnings),
            bytes_of<float>(floors),
            bytes_of<std::int32_t>(dots)};
  }

  struct alignas(64) Line {
    std::array<std::uint8_t, 64> bytes{};
  };
  static std::uint8_t* bytes(std::vector<Line>& lines) { return lines.front().bytes.data(); }
  template <typename T>
  static T* bytes_of(std::vector<Line>& lines) {
    return reinterpret_cast<T*>(bytes(lines));
  }

  std::int32_t dot(std::size_t row, std::size_t probe) const {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < tile.stride; ++i) {
      sum += (tile.rows[row * tile.stride + i] - 128) * probes[probe][i];
    }
    return sum;
  }
  float scaled(std::size_t row, std::size_t probe) const {
    return static_cast<float>(dot(row, probe)) * scales[row];
  }

  std::vector<std::uint8_t> rows;
  std::size_t shift = 0;
  std::vector<std::vector<std::int8_t>> probes;
  std::vector<Line> panel;
  std::array<float, kTileRows> scales{};
  std::vector<Line> beginnings;
  std::vector<Line> floors;
  std::vector<Line> dots;
  Tile tile;
};

// Floors that some products meet, miss by one, or are far from.
void set_floors(Example& example, unsigned kind, std::mt19937& random) {
  for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
    constexpr float kFar = std::numeric_limits<float>::infinity();
    const float met = example.scaled(random() % kTileRows, probe);
    const std::array<float, 4> floors{met, std::nextafter(met, kFar), kFar, -kFar};
    const std::size_t choice = kind % 4 == 0 ? 2 : random() % (kind % 4 == 1 ? 4 : 3);
    Example::bytes_of<float>(example.floors)[probe] = floors.at(choice);
  }
}

void check(Example& example, const TileKernel& kernel) {
  std::uint32_t expected = 0;
  for (std::size_t row = 0; row < kTileRows; ++row) {
    for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
      if (example.scaled(row, probe) >= example.tile.floors[probe]) expected |= std::uint32_t{1} << row;
    }
  }
  example.dots.assign(example.dots.size(), {});
  if (kernel.begin != nullptr) kernel.begin();
  const std::uint32_t reached = kernel.dots(example.tile);
  if (kernel.end != nullptr) kernel.end();
  REQUIRE(reached == expected);
  for (std::size_t row = 0; row < kTileRows; ++row) {
    if ((reached >> row & 1U) == 0) continue;
    for (std::size_t probe = 0; probe < kTileProbes; ++probe) {
      REQUIRE(example.tile.dots[row * kTileProbes + probe] == example.dot(row, probe));
    }
  }
}

void check_all(const TileKernel& kernel, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (const std::size_t stride : std::array<std::size_t, 3>{64, 128, 512}) {
    for (unsigned kind = 0; kind < 24; ++kind) {
      Example example(stride, kind, random);
      set_floors(example, kind, random);
      INFO("stride " << stride << " kind " << kind);
      check(example, kernel);
      // A damaged scale: its row reaches nothing, and hides no other.
      example.scales.at(kind % 2 == 0 ? 0 : random() % kTileRows) = std::numeric_limits<float>::quiet_NaN();
      check(example, kernel);
    }
  }
}

// What blocked_kernel says of rows and probes, by row kernels.
std::vector<RowMarks> marks_one_by_one(const RowGroup& rows, const std::vector<ProbeCodes>& probes,
                                       const std::vector<RowBounds>& bounds) {
  std::vector<RowMarks> marks;
  std::array<std::int32_t, kGroupRows> dots{};
  for (std::size_t probe = 0; probe < probes.size(); ++probe) {
    for (std::size_t first = 0; first < rows.count; first += kTileRows) {
      const RowGroup some{rows.codes + first * rows.stride, rows.stride,
                          std::min(kTileRows, rows.count - first), rows.scales + first, rows.errors + first};
      marks.push_back(scalar_row_kernel(some, probes[probe], bounds[probe], dots.data()));
    }
  }
  return marks;
}

}  // namespace

TEST_CASE("a tile's dots are the same with every kernel, and so are the rows that reach a floor") {
  std::mt19937 random(41);
  for (const std::size_t stride : std::array<std::size_t, 5>{64, 128, 192, 512, 1024}) {
    for (unsigned kind = 0; kind < 30; ++kind) {
      Example example(stride, kind, random);
      set_floors(example, kind, random);
      for (const Kernel kernel : available_kernels()) {
        INFO(name_of(kernel) << " stride " << stride << " kind " << kind);
        check(example, tile_kernel(kernel));
      }
    }
  }
  for (const Kernel kernel : available_kernels()) check_all(tile_kernel(kernel), 42);
  for (const Kernel kernel : all_kernels()) {
    if (!is_available(kernel)) CHECK_THROWS_AS(tile_kernel(kernel), Error);
  }
}

TEST_CASE("the steps of AMX, emulated, give a tile's dots", "[hardware]") {
  if (!is_available(Kernel::kVnni)) {
    WARN("skipped: the AMX kernel's other instructions are of AVX-512, which this processor lacks");
    return;
  }
  check_all(emulated_amx(), 43);
}

TEST_CASE("the steps of AVX-VNNI, in AVX-512's form, give a tile's dots", "[hardware]") {
  if (!can_emulate_avx_vnni()) {
    WARN("skipped: this processor lacks AVX-512's form of the instruction of AVX-VNNI");
    return;
  }
  check_all(emulated_avx_vnni(), 44);
}

TEST_CASE("every kernel runs on this processor", "[hardware]") {
  for (const Kernel kernel : all_kernels()) {
    if (!is_available(kernel))
      WARN("skipped: this processor lacks what the kernel " << name_of(kernel) << " needs");
  }
}

TEST_CASE("a kernel that gives other numbers is replaced by the fastest below it") {
  const TileKernel right{[](const Tile& tile) { return scalar_tile(tile); }};
  const TileKernel wrong_dot{[](const Tile& tile) {
    const std::uint32_t reached = scalar_tile(tile);
    tile.dots[kTileRows * kTileProbes - 1] ^= 1;
    return reached;
  }};
  const TileKernel no_row{[](const Tile& tile) { return scalar_tile(tile) & ~1U; }};
  // Where a floor is met.
  const TileKernel wrong_comparison{[](const Tile& tile) {
    std::array<float, kTileProbes> floors{};
    for (std::size_t i = 0; i < kTileProbes; ++i) {
      floors.at(i) = std::nextafter(tile.floors[i], std::numeric_limits<float>::infinity());
    }
    Tile other = tile;
    other.floors = floors.data();
    return scalar_tile(other);
  }};
  const TileKernel saturating{[](const Tile& tile) {
    const std::uint32_t reached = scalar_tile(tile);
    for (std::size_t i = 0; i < kTileRows * kTileProbes; ++i) {
      tile.dots[i] = std::min<std::int32_t>(tile.dots[i], std::numeric_limits<std::int16_t>::max());
    }
    return reached;
  }};
  const std::array<TileKernel, 6> all{wrong_dot, no_row, wrong_comparison, saturating, right, {scalar_tile}};
  CHECK(first_right(all).dots == right.dots);
  CHECK(first_right(std::span(all).first(4)).dots == scalar_tile);
  for (const Kernel kernel : available_kernels()) {
    const TileKernel own = tile_kernel(kernel);
    CHECK(first_right({&own, 1}).dots == own.dots);
    if (kernel != Kernel::kScalar) CHECK(own.dots != scalar_tile);
  }
}

TEST_CASE("many probes are told of each row what each probe is told alone") {
  std::mt19937 random(47);
  for (int round = 0; round < 60; ++round) {
    const int kind = round % kKinds;
    const std::array<std::size_t, 5> dimensions{1, 64, 100, 128, 512};
    const std::size_t dimension = dimensions.at(random() % dimensions.size());
    const CodeGallery gallery(templates_of_kind(kind, 1 + random() % 300, dimension, random), 1000, false,
                              random() % 2 == 0, random);
    const CodeBlock block = gallery.block(0);
    std::vector<ProbeCodes> probes;
    std::vector<RowBounds> bounds;
    for (const Template& probe : templates_of_kind(kind, 1 + random() % 70, dimension, random)) {
      probes.push_back(encode_probe(probe));
      bounds.push_back(bounds_of(probes.back(), std::uniform_real_distribution<double>(-1.1, 1.1)(random)));
      const double reach = std::uniform_real_distribution<double>(-1, 1)(random);
      bounds.back().reach = random() % 4 == 0 ? 1e30F : static_cast<float>(reach);
    }
    const RowGroup rows{block.codes, block.stride, block.rows, block.scales, block.errors};
    const auto expected = marks_one_by_one(rows, probes, bounds);
    const std::size_t tiles = (rows.count + kTileRows - 1) / kTileRows;
    for (const Kernel kernel : available_kernels()) {
      BlockedKernel blocked(probes, kernel);
      for (std::size_t i = 0; i < probes.size(); ++i) blocked.set_bounds(i, bounds[i]);
      // All of them, or the first.
      for (const std::size_t asked : {probes.size(), 1 + random() % probes.size()}) {
        std::vector<RowMarks> found(asked * tiles);
        blocked.mark(rows, asked, [&](std::size_t probe, std::size_t first, const RowMarks& marks) {
          found.at(probe * tiles + first / kTileRows) = marks;
        });
        for (std::size_t i = 0; i < found.size(); ++i) {
          REQUIRE(found[i].wanted == expected[i].wanted);
          REQUIRE(found[i].sure == expected[i].sure);
        }
      }
    }
  }
}

TEST_CASE("a damaged row hides no other from many probes") {
  std::mt19937 random(53);
  constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();
  for (int round = 0; round < 40; ++round) {
    const CodeGallery gallery(templates_of_kind(1, 200, 64, random), 1000, false, false, random);
    const CodeBlock block = gallery.block(0);
    std::vector<float> scales(block.scales, block.scales + block.rows);
    std::vector<float> errors(block.errors, block.errors + block.rows);
    // The first of a run, of what a kernel compares at once, or any.
    const std::size_t bad = round % 3 == 0 ? 0 : random() % block.rows;
    (round % 2 == 0 ? scales : errors).at(bad) = kNothing;
    std::vector<ProbeCodes> probes;
    std::vector<RowBounds> bounds;
    for (const Template& probe : templates_of_kind(1, 40, 64, random)) {
      probes.push_back(encode_probe(probe));
      bounds.push_back(bounds_of(probes.back(), std::uniform_real_distribution<double>(-1, 1)(random)));
      bounds.back().reach = bounds.back().match_open;
    }
    const RowGroup rows{block.codes, block.stride, block.rows, scales.data(), errors.data()};
    const auto expected = marks_one_by_one(rows, probes, bounds);
    const std::size_t tiles = (rows.count + kTileRows - 1) / kTileRows;
    for (const Kernel kernel : available_kernels()) {
      BlockedKernel blocked(probes, kernel);
      for (std::size_t i = 0; i < probes.size(); ++i) blocked.set_bounds(i, bounds[i]);
      std::vector<RowMarks> found(expected.size());
      blocked.mark(rows, probes.size(), [&](std::size_t probe, std::size_t first, const RowMarks& marks) {
        found.at(probe * tiles + first / kTileRows) = marks;
      });
      INFO(name_of(kernel) << " row " << bad);
      for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE(found[i].wanted == expected[i].wanted);
        REQUIRE(found[i].sure == expected[i].sure);
      }
    }
  }
}

TEST_CASE("probes of several lengths, or rows of another, are refused together") {
  std::mt19937 random(5);
  std::vector<ProbeCodes> probes;
  for (const std::size_t dimension : std::array<std::size_t, 2>{64, 65}) {
    probes.push_back(encode_probe(templates_of_kind(0, 1, dimension, random).front()));
  }
  CHECK_THROWS_AS(BlockedKernel(probes, Kernel::kScalar), Error);
  const CodeGallery gallery(templates_of_kind(1, 3, 65, random), 64, false, false, random);
  const CodeBlock block = gallery.block(0);
  BlockedKernel kernel(std::span<const ProbeCodes>{probes}.first(1), Kernel::kScalar);
  CHECK_THROWS_AS(kernel.mark({block.codes, block.stride, 3, block.scales, block.errors}, 1, {}), Error);
}

}  // namespace facesearch
