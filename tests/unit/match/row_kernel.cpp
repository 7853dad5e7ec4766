// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/row_kernel.hpp"

#include <array>
#include <cmath>

#include "catch.hpp"
#include "code_gallery.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

// Every byte there is, also one that no encoder writes.
std::vector<std::uint8_t> some_codes(std::size_t size, unsigned round, std::mt19937& random) {
  constexpr std::array<std::uint8_t, 3> kEnds{0, 255, 128};
  std::vector<std::uint8_t> codes(size);
  for (auto& code : codes) {
    code =
        round % 3 == 0 ? static_cast<std::uint8_t>(random()) : kEnds.at(random() % (round % 3 == 1 ? 3 : 1));
  }
  if (round % 6 == 5) std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(255));
  return codes;
}

struct Marked {
  std::array<std::int32_t, kGroupRows> dots{};
  RowMarks marks;
};

Marked run(Kernel kernel, const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds) {
  Marked result;
  result.marks = row_kernel(kernel)(rows, probe, bounds, result.dots.data());
  return result;
}

}  // namespace

TEST_CASE("kernels have names, and one is always available") {
  for (const Kernel kernel : all_kernels()) CHECK(kernel_named(name_of(kernel)) == kernel);
  CHECK_FALSE(kernel_named("neon"));
  CHECK(is_available(Kernel::kScalar));
  CHECK(is_available(best_kernel()));
  for (const Kernel kernel : all_kernels()) {
    if (!is_available(kernel)) CHECK_THROWS_AS(row_kernel(kernel), Error);
  }
}

TEST_CASE("all kernels give the same numbers and marks, for every count of rows") {
  std::mt19937 random(11);
  for (unsigned round = 0; round < 600; ++round) {
    const std::size_t dimension = 1 + random() % 300;
    const Template values = templates_of_kind(static_cast<int>(round % kKinds), 1, dimension, random).front();
    const ProbeCodes probe = encode_probe(values);
    const std::size_t count = 1 + round % kGroupRows;
    const auto codes = some_codes(count * probe.codes.size() + 1, round, random);
    // Powers of two, so that no kernel rounds and the marks are the same as well.
    const std::vector<float> scales(count, 0x1p-7F);
    const std::vector<float> errors(count, 0x1p-6F);
    const RowGroup rows{codes.data() + round % 2, probe.codes.size(), count, scales.data(), errors.data(), 0};
    const RowBounds bounds{0x1p-7F, 1, 0x1p-5F, 0.25F, -0.5F, -0.25F};
    const Marked expected = run(Kernel::kScalar, rows, probe, bounds);
    for (const Kernel kernel : available_kernels()) {
      const Marked found = run(kernel, rows, probe, bounds);
      REQUIRE(found.dots == expected.dots);
      REQUIRE(found.marks.wanted == expected.marks.wanted);
      REQUIRE(found.marks.sure == expected.marks.sure);
    }
  }
}

TEST_CASE("a probe's codes never come to more than 16 bits hold") {
  std::mt19937 random(12);
  for (int round = 0; round < 2000; ++round) {
    const std::size_t dimension = 1 + random() % 200;
    const Template values = templates_of_kind(round % kKinds, 1, dimension, random).front();
    const ProbeCodes probe = encode_probe(values);
    double square = 0;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < probe.codes.size(); ++i) {
      const double value = i < dimension ? static_cast<double>(values[i]) : 0;
      square += std::pow(value - static_cast<double>(probe.scale) * probe.codes[i], 2);
      sum += probe.codes[i];
      if (i % 2 == 1 || i % 64 >= 32) continue;
      const auto& codes = probe.codes;
      REQUIRE(std::abs(codes[i]) + std::abs(codes[i + 1]) + std::abs(codes[i + 32]) +
                  std::abs(codes[i + 33]) <=
              128);
    }
    REQUIRE(probe.offset == 128 * sum);
    REQUIRE(probe.error >= std::sqrt(square));
    REQUIRE(probe.error < 1.02);
  }
}

}  // namespace facesearch
