// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/bench_gallery.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "facesearch/match/stream_read.hpp"

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

Uuid id_of(std::uint64_t row) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes.at(i) = static_cast<std::uint8_t>(row >> (56 - 8 * i));
  return id;
}

}  // namespace

BenchGallery::BenchGallery(std::size_t faces, std::size_t dimension)
    : dimension_(dimension),
      stride_(code_stride(dimension)),
      floats_((faces * dimension + kReadUnit - 1) / kReadUnit * kReadUnit),
      codes_(faces * stride_),
      scales_(faces),
      errors_(faces),
      live_(faces / 64 + 1, ~std::uint64_t{0}) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): the same gallery each time
  for (std::size_t row = 0; row < faces; ++row) {
    const Template values = random_template(dimension, random);
    std::copy(values.begin(), values.end(), floats_.begin() + static_cast<std::ptrdiff_t>(row * dimension));
    const CodeScale scale = encode_template(values, {codes_.data() + row * stride_, stride_});
    scales_[row] = scale.scale;
    errors_[row] = scale.error;
  }
}

double BenchGallery::read() const {
  return facesearch::read_once(floats_);
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

std::vector<std::vector<Candidate>> BenchGallery::search(std::span<const Template> probes, std::size_t limit,
                                                         Kernel kernel, std::size_t threads) const {
  std::vector<ExactSearch::Query> queries;
  for (const Template& probe : probes) queries.push_back({probe, -1, limit, 0, {}});
  auto searches =
      search_many(queries, kernel, threads, (faces() + kBlockRows - 1) / kBlockRows,
                  [this]() -> BlockReader { return [this](std::uint64_t index) { return block(index); }; });
  std::vector<std::vector<Candidate>> lists;
  for (ExactSearch& search : searches) {
    for (const std::uint64_t slot : search.survivors()) search.score(id_of(slot), row(slot));
    lists.push_back(search.take());
  }
  return lists;
}

std::vector<Template> random_templates(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Template> templates;
  for (std::size_t i = 0; i < count; ++i) templates.push_back(random_template(dimension, random));
  return templates;
}

}  // namespace facesearch::service
