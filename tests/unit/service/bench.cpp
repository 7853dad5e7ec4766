// SPDX-License-Identifier: MIT
#include <algorithm>

#include "catch.hpp"
#include "facesearch/service/machine/bench_gallery.hpp"

namespace facesearch::test {

// 130 rows of 100 numbers: the floats do not fill the unit that is read at a time, nor the rows a block.
TEST_CASE("one read takes every float of the gallery once", "[bench]") {
  const service::BenchGallery gallery(130, 100);
  REQUIRE(gallery.floats().size() == 13'000);
  double sum = 0;
  for (const float value : gallery.floats()) sum += static_cast<double>(value);
  CHECK(gallery.read() == Approx(sum).margin(1e-3));
  CHECK(std::ranges::equal(gallery.row(129), gallery.floats().last(100)));
}

TEST_CASE("the gallery of a benchmark finds its own rows, with every kernel", "[bench]") {
  const service::BenchGallery gallery(2'000, 128);
  std::vector<Template> probes;
  for (const std::uint64_t row : {0U, 1'023U, 1'024U, 1'999U}) {
    probes.emplace_back(gallery.row(row).begin(), gallery.row(row).end());
  }
  for (const Kernel kernel : all_kernels()) {
    if (!is_available(kernel)) continue;
    const auto found = gallery.search(probes, 3, kernel, 2);
    REQUIRE(found.lists.size() == probes.size());
    CHECK(found.scored >= 3 * probes.size());
    CHECK(found.scored < 2'000 * probes.size());
    CHECK(found.lists[0].front().face == service::BenchGallery::id_of(0));
    CHECK(found.lists[1].front().face == service::BenchGallery::id_of(1'023));
    CHECK(found.lists[2].front().face == service::BenchGallery::id_of(1'024));
    CHECK(found.lists[3].front().face == service::BenchGallery::id_of(1'999));
    for (const auto& list : found.lists) CHECK(list.size() == 3);
  }
  const double threshold = gallery.some_threshold(probes[0]);
  const auto found = gallery.search({probes.data(), 1}, 1'000, Kernel::kScalar, 1, threshold);
  CHECK(found.lists[0].size() == 100);
  CHECK(found.lists[0].back().cosine == threshold);
}

}  // namespace facesearch::test
