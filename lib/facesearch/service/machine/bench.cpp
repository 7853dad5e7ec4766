// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/bench.hpp"

#include <thread>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/service/enroll/bulk_enroll.hpp"
#include "facesearch/service/machine/bench_gallery.hpp"
#include "facesearch/service/machine/bench_times.hpp"
#include "facesearch/service/search/gallery_search.hpp"

namespace facesearch::service {
namespace {

constexpr std::size_t kBatch = 16'384;
constexpr std::size_t kRounds = 7;
constexpr std::size_t kEnrolments = 11;
constexpr std::size_t kLimit = 10;
constexpr std::size_t kCollections = 2;
constexpr const char* kPack = "bench";

class Bench {
 public:
  Bench(Context& context, const BenchOptions& options, const BenchProgress& progress)
      : context_(context),
        progress_(progress),
        gallery_(options.faces, options.dimension),
        probes_(random_templates(options.probes, options.dimension, 2)),
        total_(kCollections * (options.faces + kEnrolments) + kRounds) {
    report_.options = options;
    report_.threads = std::max(1U, std::thread::hardware_concurrency());
  }

  BenchReport run() {
    report_.plain = fill("plain", false);
    report_.sealed = fill("sealed", true);
    search();
    return report_;
  }

 private:
  void step(std::size_t steps) {
    done_ += steps;
    progress_(done_, total_);
  }

  CollectionTimes fill(const std::string& id, bool sealed) {
    CollectionRecord collection;
    collection.id = id;
    collection.generation = Uuid::make();
    collection.created = now();
    collection.binding = {kPack, kPack, static_cast<int>(report_.options.dimension), {}};
    collection.binding.calibration = {{.1, .2, .3, .4, .5}, 1e-4, kPack};
    collection.sealed = sealed;
    context_.store.create(collection);
    double spent = 0;
    for (std::size_t first = 0; first < gallery_.faces(); first += kBatch) {
      std::vector<BulkFace> batch(std::min(kBatch, gallery_.faces() - first));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto row = gallery_.row(first + i);
        batch[i] = {"somebody", std::nullopt, {}, Template(row.begin(), row.end())};
      }
      spent += enroll(id, batch);
      step(batch.size());
    }
    std::vector<double> one;
    for (std::size_t i = 0; i < kEnrolments; ++i) {
      one.push_back(enroll(id, {{"somebody", std::nullopt, {}, probes_.front()}}));
      step(1);
    }
    return {median(one), 1000 * static_cast<double>(gallery_.faces()) / spent};
  }

  double enroll(const std::string& id, const std::vector<BulkFace>& faces) {
    return milliseconds_of([&] { enroll_templates(context_, {kAnyScope, {}}, id, kPack, faces); });
  }

  // All by turns: what slows the machine down slows down all of them.
  void search() {
    const auto plain = context_.store.open("plain");
    const auto sealed = context_.store.open("sealed");
    const auto plain_view = plain->snapshot();
    const auto sealed_view = sealed->snapshot();
    struct Times {
      std::vector<double> memory, plain, sealed;
    };
    std::vector<Times> times(all_kernels().size());
    std::vector<double> reads;
    std::vector<double> many;
    volatile double sum = 0;
    for (std::size_t round = 0; round < kRounds; ++round) {
      const std::span probe(&probes_[round % probes_.size()], 1);
      const GalleryQuery query{probe.front(), -1, kLimit};
      for (std::size_t i = 0; i < times.size(); ++i) {
        const Kernel kernel = all_kernels()[i];
        if (!is_available(kernel)) continue;
        reads.push_back(milliseconds_of([&] { sum = gallery_.read(); }));
        times[i].memory.push_back(milliseconds_of([&] { gallery_.search(probe, kLimit, kernel, 1); }));
        times[i].plain.push_back(milliseconds_of([&] { search_gallery(*plain_view, {&query, 1}, kernel); }));
        times[i].sealed.push_back(milliseconds_of([&] {
          search_gallery(*sealed_view, {&query, 1}, kernel);
        }));
      }
      many.push_back(
          milliseconds_of([&] { gallery_.search(probes_, kLimit, context_.kernel, report_.threads); }));
      step(1);
    }
    report_.read_ms = median(reads);
    report_.many_ms = median(many) / static_cast<double>(probes_.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i].memory.empty()) continue;
      report_.kernels.push_back({std::string(name_of(all_kernels()[i])), median(times[i].memory),
                                 median(times[i].plain), median(times[i].sealed)});
    }
  }

  Context& context_;
  const BenchProgress& progress_;
  BenchGallery gallery_;
  std::vector<Template> probes_;
  std::size_t total_;
  std::size_t done_ = 0;
  BenchReport report_;
};

}  // namespace

BenchReport bench(Context& context, const BenchOptions& options, const BenchProgress& progress) {
  return Bench(context, options, progress).run();
}

}  // namespace facesearch::service
