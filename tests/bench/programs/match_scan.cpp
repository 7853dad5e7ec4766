// SPDX-License-Identifier: MIT
// Exact search in memory. Times are multiples of one read: what one core takes to read the gallery's floats
// once. A round runs each kernel, and FAISS Flat where it was found, and compares their lists.
// Every third round it searches many probes at once, too, beside FAISS Flat and the floor of an exact product
// of floats: one thread multiplies and adds each number of each row with each probe's, in registers, and
// looks at no sum. Many probes have a threshold that some hundred rows reach, one probe has none. Usage:
// match_scan [--rows N] [--dimension N] [--rounds N] [--probes N]. One line of JSON; exit status 1 where
// lists differ.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "facesearch/service/machine/bench_gallery.hpp"
#include "float_product.hpp"
#ifdef FACESEARCH_FAISS
#include "faiss_flat.hpp"
#endif

namespace {

using namespace facesearch;
using service::BenchGallery;

constexpr std::size_t kLimit = 10;

struct Options {
  std::size_t rows = 1'000'000;
  std::size_t dimension = 128;
  std::size_t rounds = 9;
  std::size_t probes = 512;  // at once
};

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

struct Result {
  Times times;
  std::vector<double> survivors;
  bool same = true;  // every kernel, and FAISS to 1e-6, gave the same lists
};

bool same_lists(const BenchGallery::Found& a, const BenchGallery::Found& b) {
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
    const auto listed = std::ranges::find(exact, BenchGallery::id_of(flat[i].row), &Candidate::face);
    const double cosine = listed == exact.end() ? exact.back().cosine : listed->cosine;
    if (std::abs(cosine - exact[i].cosine) > kFloat) return false;
  }
  return true;
}
#endif

Result measure(const BenchGallery& gallery, const Options& options) {
  const std::vector<Template> probes = service::random_templates(options.probes, options.dimension, 2);
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
#ifdef FACESEARCH_FAISS
  const auto faiss = make_faiss_flat(options.dimension, gallery.floats());
#endif
  const FloatProduct floor(probes);
  const double threshold = gallery.some_threshold(probes.front());
  Result result;
  volatile double sum = 0;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    const std::span one(&probes[round % probes.size()], 1);
    BenchGallery::Found first;
    for (const Kernel kernel : all_kernels()) {
      if (!is_available(kernel)) continue;
      const std::string name(name_of(kernel));
      timed(result.times, "read", [&] { sum = gallery.read(); });
      BenchGallery::Found found;
      timed(result.times, "one_" + name, [&] { found = gallery.search(one, kLimit, kernel, 1); });
      result.survivors.push_back(static_cast<double>(found.scored));
      result.same = result.same && (first.lists.empty() || same_lists(first, found));
      first = std::move(found);
      if (round % 3 != 0) continue;
      BenchGallery::Found all;
      timed(result.times, "many_" + name,
            [&] { all = gallery.search(probes, kLimit, kernel, 1, threshold); });
      result.same = result.same && same_lists({{all.lists[round % probes.size()]}}, first);
      timed(result.times, "many_threads_" + name,
            [&] { gallery.search(probes, kLimit, kernel, processors, threshold); });
    }
    if (round % 3 == 0 && FloatProduct::is_available()) {
      timed(result.times, "many_floats", [&] { sum = static_cast<double>(floor.run(gallery.floats())); });
    }
#ifdef FACESEARCH_FAISS
    if (round % 3 == 0) {
      std::vector<float> together;
      for (const Template& probe : probes) together.insert(together.end(), probe.begin(), probe.end());
      timed(result.times, "many_faiss", [&] { faiss->search_many(together, kLimit); });
    }
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
    const std::size_t probes = name.starts_with("many") ? options.probes : 1;
    json += fmt::format(",\"{}\":{:.4f}", name, median(times) / static_cast<double>(probes) / read);
  }
  fmt::print("{}}}\n", json);
}

// False where an argument is not understood.
bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    const std::map<std::string_view, std::size_t*> numbers{{"--rows", &options.rows},
                                                           {"--dimension", &options.dimension},
                                                           {"--rounds", &options.rounds},
                                                           {"--probes", &options.probes}};
    const auto number = numbers.find(name);
    if (number == numbers.end() || ++i == count) return false;
    const char* end = arguments[i] + std::strlen(arguments[i]);
    if (std::from_chars(arguments[i], end, *number->second).ptr != end || *number->second == 0) return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!read_options(count, arguments, options)) {
    fmt::print(stderr, "usage: match_scan [--rows N] [--dimension N] [--rounds N] [--probes N]\n");
    return 2;
  }
  const BenchGallery gallery(options.rows, options.dimension);
  const Result result = measure(gallery, options);
  print(result, options);
  return result.same ? 0 : 1;
}
