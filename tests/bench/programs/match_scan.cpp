// SPDX-License-Identifier: MIT
// Exact search in memory. Times are multiples of one read: what one core takes to read the gallery's floats
// once. A round runs each kernel, and FAISS Flat where it was found, and compares their lists.
// Usage: match_scan [--rows N] [--dimension N] [--rounds N]. One line of JSON; exit status 1 where lists
// differ.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "facesearch/match/search_many.hpp"
#include "facesearch/match/stream_read.hpp"
#ifdef FACESEARCH_FAISS
#include "faiss_flat.hpp"
#endif

namespace {

using namespace facesearch;

constexpr std::size_t kBlockRows = 1024;
constexpr std::size_t kLimit = 10;
constexpr std::size_t kManyProbes = 64;
constexpr std::align_val_t kLine{64};

template <typename T>
struct Aligned {
  using value_type = T;
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }
  bool operator==(const Aligned&) const = default;
};
template <typename T>
using Array = std::vector<T, Aligned<T>>;

struct Options {
  std::size_t rows = 1'000'000;
  std::size_t dimension = 128;
  std::size_t rounds = 9;
};

std::vector<float> random_unit(std::size_t dimension, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(dimension);
  double square = 0;
  for (float& value : values) {
    value = normal(random);
    square += static_cast<double>(value) * static_cast<double>(value);
  }
  for (float& value : values) value = static_cast<float>(value / std::sqrt(square));
  return values;
}

class Gallery {
 public:
  Gallery(std::size_t rows, std::size_t dimension)
      : dimension_(dimension),
        stride_(code_stride(dimension)),
        floats_(rows * dimension),
        codes_(rows * stride_),
        scales_(rows),
        errors_(rows),
        live_(rows / 64 + 1, ~std::uint64_t{0}) {
    std::mt19937_64 random(1);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::vector<float> values = random_unit(dimension, random);
      std::copy(values.begin(), values.end(), floats_.begin() + static_cast<std::ptrdiff_t>(row * dimension));
      const CodeScale scale = encode_template(values, {codes_.data() + row * stride_, stride_});
      scales_[row] = scale.scale;
      errors_[row] = scale.error;
    }
  }

  std::size_t rows() const { return scales_.size(); }
  std::uint64_t blocks() const { return (rows() + kBlockRows - 1) / kBlockRows; }
  std::span<const float> floats() const { return floats_; }
  std::span<const float> row(std::uint64_t row) const {
    return std::span(floats_).subspan(row * dimension_, dimension_);
  }

  CodeBlock block(std::uint64_t index) const {
    const std::size_t first = index * kBlockRows;
    return {first,
            std::min(kBlockRows, rows() - first),
            stride_,
            codes_.data() + first * stride_,
            scales_.data() + first,
            errors_.data() + first,
            live_.data() + first / 64,
            nullptr};
  }

 private:
  std::size_t dimension_;
  std::size_t stride_;
  Array<float> floats_;
  Array<std::uint8_t> codes_;
  Array<float> scales_;
  Array<float> errors_;
  std::vector<std::uint64_t> live_;
};

Uuid id_of(std::uint64_t row) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes.at(i) = static_cast<std::uint8_t>(row >> (56 - 8 * i));
  return id;
}

// Every run by its name: how long it took each time.
using Times = std::map<std::string, std::vector<double>>;

template <typename Work>
void timed(Times& times, const std::string& name, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  times[name].push_back(took.count());
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Found {
  std::vector<std::vector<Candidate>> lists;
  std::size_t survivors = 0;
};

Found search(const Gallery& gallery, std::span<const std::vector<float>> probes, Kernel kernel,
             std::size_t threads) {
  std::vector<ExactSearch::Query> queries;
  for (const auto& probe : probes) queries.push_back({probe, -1, kLimit, 0, {}});
  auto searches = search_many(queries, kernel, threads, gallery.blocks(), [&]() -> BlockReader {
    return [&](std::uint64_t block) { return gallery.block(block); };
  });
  Found found;
  for (ExactSearch& search : searches) {
    const auto survivors = search.survivors();
    found.survivors += survivors.size();
    for (const std::uint64_t slot : survivors) search.score(id_of(slot), gallery.row(slot));
    found.lists.push_back(search.take());
  }
  return found;
}

struct Result {
  Times times;
  std::vector<double> survivors;
  bool same = true;  // every kernel, and FAISS to 1e-6, gave the same lists
};

bool same_lists(const Found& a, const Found& b) {
  return std::ranges::equal(a.lists, b.lists, [](const auto& x, const auto& y) {
    return std::ranges::equal(x, y, [](const Candidate& p, const Candidate& q) {
      return p.face == q.face && p.cosine == q.cosine;
    });
  });
}

#ifdef FACESEARCH_FAISS
// Rows may change places where their cosines are the same to float.
bool same_as(const std::vector<Candidate>& exact, const std::vector<RowScore>& flat) {
  constexpr double kFloat = 1e-6;
  if (exact.size() != flat.size()) return false;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (std::abs(exact[i].cosine - flat[i].cosine) > kFloat) return false;
    const auto listed = std::ranges::find(exact, id_of(flat[i].row), &Candidate::face);
    const double cosine = listed == exact.end() ? exact.back().cosine : listed->cosine;
    if (std::abs(cosine - exact[i].cosine) > kFloat) return false;
  }
  return true;
}
#endif

Result measure(const Gallery& gallery, const Options& options) {
  std::mt19937_64 random(2);
  std::vector<std::vector<float>> probes;
  for (std::size_t i = 0; i < kManyProbes; ++i) probes.push_back(random_unit(options.dimension, random));
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
#ifdef FACESEARCH_FAISS
  const auto faiss = make_faiss_flat(options.dimension, gallery.floats());
#endif
  Result result;
  volatile double sum = 0;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    const std::span one(&probes[round % kManyProbes], 1);
    Found first;
    for (const Kernel kernel : all_kernels()) {
      if (!is_available(kernel)) continue;
      const std::string name(name_of(kernel));
      timed(result.times, "read", [&] { sum = read_once(gallery.floats()); });
      Found found;
      timed(result.times, "one_" + name, [&] { found = search(gallery, one, kernel, 1); });
      result.survivors.push_back(static_cast<double>(found.survivors));
      result.same = result.same && (first.lists.empty() || same_lists(first, found));
      first = std::move(found);
      if (round % 3 != 0) continue;
      timed(result.times, "many_" + name, [&] { search(gallery, probes, kernel, 1); });
      timed(result.times, "many_threads_" + name, [&] { search(gallery, probes, kernel, processors); });
    }
#ifdef FACESEARCH_FAISS
    std::vector<RowScore> flat;
    timed(result.times, "faiss", [&] { flat = faiss->search(one.front(), kLimit); });
    result.same = result.same && same_as(first.lists.front(), flat);
#endif
  }
  return result;
}

void print(const Result& result, const Options& options) {
  const double read = median(result.times.at("read"));
  std::string json =
      fmt::format("{{\"rows\":{},\"dimension\":{},\"read_ms\":{:.4f},\"survivors\":{},\"same\":{}",
                  options.rows, options.dimension, read, median(result.survivors), result.same);
  for (const auto& [name, times] : result.times) {
    const std::size_t probes = name.starts_with("many") ? kManyProbes : 1;
    json += fmt::format(",\"{}\":{:.4f}", name, median(times) / static_cast<double>(probes) / read);
  }
  fmt::print("{}}}\n", json);
}

// False where an argument is not understood.
bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    const std::map<std::string_view, std::size_t*> numbers{
        {"--rows", &options.rows}, {"--dimension", &options.dimension}, {"--rounds", &options.rounds}};
    const auto number = numbers.find(name);
    if (number == numbers.end() || ++i == count) return false;
    const char* end = arguments[i] + std::strlen(arguments[i]);
    if (std::from_chars(arguments[i], end, *number->second).ptr != end || *number->second == 0) return false;
  }
  return options.rows * options.dimension % 128 == 0;
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!read_options(count, arguments, options)) {
    fmt::print(
        stderr,
        "usage: match_scan [--rows N] [--dimension N] [--rounds N]; rows × dimension a multiple of 128\n");
    return 2;
  }
  const Gallery gallery(options.rows, options.dimension);
  const Result result = measure(gallery, options);
  print(result, options);
  return result.same ? 0 : 1;
}
