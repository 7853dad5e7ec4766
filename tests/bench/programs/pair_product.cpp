// SPDX-License-Identifier: MIT
// All pairs of a gallery, beside a bare product of the same triangle: 8-bit numbers multiplied and added up
// in the best tiles we know, and the sums only stored. A round runs each once. One line of JSON, times in
// seconds. Usage:
// pair_product [--rows N] [--dimension N] [--rounds N] [--threads N] [--min-cosine C]
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/match/pair_search.hpp"

namespace {

using namespace facesearch;

#define FACESEARCH_VNNI __attribute__((target("avx512f,avx512vnni")))

constexpr std::size_t kGroup = 64;   // rows of one packed group: four registers of sixteen
constexpr std::size_t kStrip = 512;  // probes that pass over it
constexpr std::size_t kProbes = 6;

struct Options {
  std::size_t rows = 100'000;
  std::size_t dimension = 128;
  std::size_t rounds = 5;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  double min_cosine = 0.5;
};

std::vector<std::vector<float>> random_templates(std::size_t rows, std::size_t dimension) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> templates(rows, std::vector<float>(dimension));
  for (auto& values : templates) {
    double square = 0;
    for (float& value : values) {
      value = normal(random);
      square += static_cast<double>(value) * static_cast<double>(value);
    }
    for (float& value : values) value = static_cast<float>(value / std::sqrt(square));
  }
  return templates;
}

// Rows as bytes, four bytes of sixteen rows side by side, and as probes.
class Bare {
 public:
  explicit Bare(const std::vector<std::vector<float>>& templates)
      : rows_(templates.size() / kGroup * kGroup),
        stride_(code_stride(templates.front().size())),
        packed_(rows_ * stride_ + kGroup),
        probes_(rows_ * stride_) {
    std::vector<std::uint8_t> codes(stride_);
    for (std::size_t row = 0; row < rows_; ++row) {
      encode_template(templates[row], codes);
      for (std::size_t at = 0; at < stride_; at += 4) {
        std::memcpy(group(row / kGroup) + at * kGroup + row % kGroup * 4, &codes[at], 4);
      }
      for (std::size_t at = 0; at < stride_; ++at) {
        probes_[row * stride_ + at] = static_cast<std::int8_t>(codes[at] - 128);
      }
    }
  }

  void run(std::size_t threads) const {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      std::vector<std::int32_t> sums(kProbes * kGroup + 16);
      for (std::size_t first = next.fetch_add(kStrip); first < rows_; first = next.fetch_add(kStrip)) {
        strip(first, sums);
      }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }

 private:
  std::uint8_t* group(std::size_t index) {
    return const_cast<std::uint8_t*>(std::as_const(*this).group(index));
  }
  const std::uint8_t* group(std::size_t index) const {
    const auto address = reinterpret_cast<std::uintptr_t>(packed_.data());
    return packed_.data() + (kGroup - address % kGroup) % kGroup + index * kGroup * stride_;
  }

  void strip(std::size_t first, std::vector<std::int32_t>& sums) const {
    const std::size_t end = std::min(first + kStrip, rows_);
    for (std::size_t index = first / kGroup; index < rows_ / kGroup; ++index) {
      const std::size_t last = std::min(end, (index + 1) * kGroup);
      for (std::size_t probe = first; probe < last; probe += kProbes) {
        multiply(group(index), &probes_[std::min(probe, rows_ - kProbes) * stride_], sums.data());
      }
    }
  }

  FACESEARCH_VNNI void multiply(const std::uint8_t* rows, const std::int8_t* probes,
                                std::int32_t* sums) const {
    __m512i sum[kProbes][4];
#pragma GCC unroll 8
    for (auto& of_probe : sum) {
#pragma GCC unroll 8
      for (__m512i& lanes : of_probe) lanes = _mm512_setzero_si512();
    }
    for (std::size_t at = 0; at < stride_; at += 4, rows += kGroup * 4) {
      __m512i row[4];
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 4; ++i) row[i] = _mm512_load_si512(rows + i * 64);
#pragma GCC unroll 8
      for (std::size_t p = 0; p < kProbes; ++p) {
        std::int32_t four = 0;
        std::memcpy(&four, probes + p * stride_ + at, 4);
        const __m512i values = _mm512_set1_epi32(four);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < 4; ++i) sum[p][i] = _mm512_dpbusd_epi32(sum[p][i], row[i], values);
      }
    }
#pragma GCC unroll 8
    for (std::size_t p = 0; p < kProbes; ++p) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 4; ++i) _mm512_storeu_si512(sums + (p * 4 + i) * 16, sum[p][i]);
    }
  }

  std::size_t rows_;
  std::size_t stride_;
  std::vector<std::uint8_t> packed_;
  std::vector<std::int8_t> probes_;
};

template <typename Work>
double seconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Uuid id_of(std::size_t row) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes.at(i) = static_cast<std::uint8_t>(row >> (56 - 8 * i));
  return id;
}

bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const double value = std::strtod(arguments[i + 1], nullptr);
    if (value < 1 && name != "--min-cosine") return false;
    if (name == "--min-cosine") {
      options.min_cosine = value;
    } else if (name == "--rows") {
      options.rows = static_cast<std::size_t>(value);
    } else if (name == "--dimension") {
      options.dimension = static_cast<std::size_t>(value);
    } else if (name == "--rounds") {
      options.rounds = static_cast<std::size_t>(value);
    } else if (name == "--threads") {
      options.threads = static_cast<std::size_t>(value);
    } else {
      return false;
    }
  }
  return count % 2 == 1 && options.rows >= kGroup;
}

void measure(const Options& options) {
  const auto templates = random_templates(options.rows, options.dimension);
  PairRows rows(options.dimension);
  const double load = seconds([&] {
    for (std::size_t i = 0; i < templates.size(); ++i) rows.add(i, id_of(i), id_of(i), templates[i]);
    rows.arrange();
  });
  const TemplateSource source = [&](std::span<const std::uint64_t> slots, const auto& visit) {
    for (const std::uint64_t slot : slots) visit(slot, templates[slot]);
  };
  const Bare bare_product(templates);
  std::vector<double> bare;
  std::vector<std::vector<double>> ours(all_kernels().size());
  PairsFound found;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    if (is_available(Kernel::kVnni)) bare.push_back(seconds([&] { bare_product.run(options.threads); }));
    for (std::size_t k = 1; k < all_kernels().size(); ++k) {
      if (!is_available(all_kernels()[k])) continue;
      ours[k].push_back(seconds([&] {
        found = search_pairs(rows, {options.min_cosine, 1000}, all_kernels()[k], options.threads, source,
                             [](std::uint64_t, std::uint64_t) {});
      }));
    }
  }
  std::string json = fmt::format(
      "{{\"rows\":{},\"dimension\":{},\"threads\":{},\"min_cosine\":{},\"compared\":{},\"found\":{},"
      "\"found_share\":{:.4g},\"codes_s\":{:.4f}",
      options.rows, options.dimension, options.threads, options.min_cosine, found.compared, found.total,
      static_cast<double>(found.total) / static_cast<double>(found.compared), load);
  if (!bare.empty()) json += fmt::format(",\"bare_s\":{:.5f}", median(bare));
  for (std::size_t k = 1; k < all_kernels().size(); ++k) {
    if (ours[k].empty()) continue;
    const std::string_view name = name_of(all_kernels()[k]);
    json += fmt::format(",\"{}_s\":{:.5f}", name, median(ours[k]));
    if (!bare.empty()) json += fmt::format(",\"{}_of_bare\":{:.4f}", name, median(ours[k]) / median(bare));
  }
  fmt::print("{}}}\n", json);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!read_options(count, arguments, options)) {
    fmt::print(
        stderr,
        "usage: pair_product [--rows N] [--dimension N] [--rounds N] [--threads N] [--min-cosine C]\n");
    return 2;
  }
  measure(options);
}
