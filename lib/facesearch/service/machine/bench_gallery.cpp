// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/bench_gallery.hpp"

#include <immintrin.h>

#include <algorithm>
#include <random>
#include <utility>

namespace facesearch::service {
namespace {

constexpr std::size_t kBlockRows = 1024;
constexpr std::size_t kReadUnit = 128;  // floats that read_once takes at a time

Template random_template(std::size_t dimension, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  Template values(dimension);
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

constexpr std::size_t kAtOnce = 8;  // sums that do not wait for each other

__attribute__((target("avx2"), noinline)) double read_avx2(std::span<const float> values) {
  __m256 sums[kAtOnce] = {};
  for (std::size_t i = 0; i < values.size(); i += 8 * kAtOnce) {
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      sums[k] = _mm256_add_ps(sums[k], _mm256_load_ps(values.data() + i + 8 * k));
    }
  }
  double total = 0;
  for (const __m256& sum : sums) {
    alignas(32) float parts[8];
    _mm256_store_ps(parts, sum);
    for (const float part : parts) total += static_cast<double>(part);
  }
  return total;
}

__attribute__((target("avx512f"), noinline)) double read_avx512(std::span<const float> values) {
  __m512 sums[kAtOnce] = {};
  for (std::size_t i = 0; i < values.size(); i += 16 * kAtOnce) {
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      sums[k] = _mm512_add_ps(sums[k], _mm512_load_ps(values.data() + i + 16 * k));
    }
  }
  double total = 0;
  for (const __m512& sum : sums) {
    alignas(64) float parts[16];
    _mm512_store_ps(parts, sum);
    for (const float part : parts) total += static_cast<double>(part);
  }
  return total;
}

// As fast as this processor reads memory: aligned loads of its widest registers, into sums that do not wait
// for each other. The pointer is aligned to 64, the count a multiple of kReadUnit.
double read_once(std::span<const float> values) {
  if (__builtin_cpu_supports("avx512f") != 0) return read_avx512(values);
  if (__builtin_cpu_supports("avx2") != 0) return read_avx2(values);
  double total = 0;
  for (const float value : values) total += static_cast<double>(value);
  return total;
}

}  // namespace

BenchGallery::BenchGallery(std::size_t faces, std::size_t dimension)
    // NOLINTNEXTLINE(cert-msc51-cpp): the same gallery each time
    : BenchGallery(faces, dimension, [dimension, random = std::mt19937_64(1)]() mutable {
        return random_template(dimension, random);
      }) {}

BenchGallery::BenchGallery(std::size_t faces, std::size_t dimension, const std::function<Template()>& next)
    : dimension_(dimension),
      stride_(code_stride(dimension)),
      floats_((faces * dimension + kReadUnit - 1) / kReadUnit * kReadUnit),
      codes_(faces * stride_),
      scales_(faces),
      errors_(faces),
      live_(faces / 64 + 1, ~std::uint64_t{0}) {
  for (std::size_t row = 0; row < faces; ++row) {
    const Template values = next();
    std::copy(values.begin(), values.end(), floats_.begin() + static_cast<std::ptrdiff_t>(row * dimension));
    const CodeScale scale = encode_template(values, {codes_.data() + row * stride_, stride_});
    scales_[row] = scale.scale;
    errors_[row] = scale.error;
  }
}

Uuid BenchGallery::id_of(std::uint64_t row) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes.at(i) = static_cast<std::uint8_t>(row >> (56 - 8 * i));
  return id;
}

double BenchGallery::read() const {
  return read_once(floats_);
}

CodeBlock BenchGallery::block(std::uint64_t index) const {
  const std::size_t first = index * kBlockRows;
  return {first,
          std::min(kBlockRows, faces() - first),
          stride_,
          codes_.data() + first * stride_,
          scales_.data() + first,
          errors_.data() + first,
          live_.data() + first / 64,
          nullptr};
}

BenchGallery::Found BenchGallery::search(std::span<const Template> probes, std::size_t limit, Kernel kernel,
                                         std::size_t threads, double min_cosine) const {
  std::vector<ExactSearch::Query> queries;
  for (const Template& probe : probes) queries.push_back({probe, min_cosine, limit, 0, {}});
  Found found;
  ManyScan scan;
  scan.block_count = (faces() + kBlockRows - 1) / kBlockRows;
  scan.open_reader = [this]() -> BlockReader { return [this](std::uint64_t index) { return block(index); }; };
  scan.score = [&](std::span<ExactSearch> searches) {
    for (ExactSearch& search : searches) {
      const auto survivors = search.survivors();
      found.scored += survivors.size();
      for (const std::uint64_t slot : survivors) search.score(id_of(slot), row(slot));
    }
  };
  scan.threads = threads;
  for (ExactSearch& search : search_many(queries, kernel, scan)) found.lists.push_back(search.take());
  return found;
}

double BenchGallery::some_threshold(const Template& probe) const {
  constexpr std::size_t kMatches = 100;
  return search({&probe, 1}, kMatches, best_kernel(), 1).lists.front().back().cosine;
}

std::vector<Template> random_templates(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Template> templates;
  for (std::size_t i = 0; i < count; ++i) templates.push_back(random_template(dimension, random));
  return templates;
}

}  // namespace facesearch::service
