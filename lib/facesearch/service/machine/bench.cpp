// SPDX-License-Identifier: MIT
#include "facesearch/service/machine/bench.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/machine/bench_gallery.hpp"
#include "facesearch/service/search/gallery_search.hpp"

namespace facesearch::service {
namespace {

constexpr std::size_t kBatch = 16'384;
constexpr std::size_t kRounds = 7;
constexpr std::size_t kEnrolments = 11;
constexpr std::size_t kLimit = 10;
constexpr std::size_t kCollections = 2;
constexpr const char* kPack = "bench";

template <class Work>
double milliseconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  std::forward<Work>(work)();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

class Bench {
 public:
  Bench(Context& context, const BenchOptions& options, const BenchProgress& progress)
      : context_(context),
        progress_(progress),
        gallery_(options.faces, options.dimension),
        probes_(random_templates(options.probes, options.dimension, 2)),
        total_(kCollections * (options.faces + kEnrolments) + kRounds) {
    report_.options = options;
    report_.threads = available_processors();
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
      spent += add(id, first, std::min(kBatch, gallery_.faces() - first));
    }
    std::vector<double> one;
    for (std::size_t i = 0; i < kEnrolments; ++i) {
      const EnrollRequest request{id, "somebody", GivenTemplate{probes_.front(), kPack}, {}, {}};
      one.push_back(milliseconds_of([&] { enroll(context_, {kAnyScope, {}}, request); }));
      step(1);
    }
    return {median(one), 1000 * static_cast<double>(gallery_.faces()) / spent};
  }

  // Rows of the gallery in one commit, as a merge of collections writes them. Milliseconds.
  double add(const std::string& id, std::size_t first, std::size_t count) {
    const std::vector<Uuid> ids = Uuid::make_many(2 * count);
    std::vector<FaceRecord> faces;
    for (std::size_t i = 0; i < count; ++i)
      faces.push_back({ids[2 * i], ids[2 * i + 1], "somebody", {}, now()});
    const double took = milliseconds_of([&] {
      context_.store.open(id)->write([&](WriteTransaction& transaction) {
        for (std::size_t i = 0; i < count; ++i) transaction.add(faces[i], gallery_.row(first + i));
      });
    });
    step(count);
    return took;
  }

  struct StoreTimes {
    std::vector<double> anew, kept;
  };

  // The first search of a view maps, and verifies, the pages that the next one finds.
  void search_store(const std::string& id, const GalleryQuery& query, Kernel kernel, StoreTimes& times) {
    std::unique_ptr<Collection> collection;
    std::unique_ptr<Snapshot> view;
    times.anew.push_back(milliseconds_of([&] {
      collection = context_.store.open(id);
      view = collection->snapshot();
      search_gallery(*view, {&query, 1}, {kernel});
    }));
    times.kept.push_back(milliseconds_of([&] { search_gallery(*view, {&query, 1}, {kernel}); }));
  }

  // A round runs each once, so a slow moment slows all of them.
  void search() {
    struct Times {
      std::vector<double> memory;
      StoreTimes plain, sealed;
    };
    std::vector<Times> times(all_kernels().size());
    std::vector<double> reads;
    std::vector<double> many;
    volatile double sum = 0;
    const double threshold = gallery_.some_threshold(probes_.front());
    for (std::size_t round = 0; round < kRounds; ++round) {
      const std::span probe(&probes_[round % probes_.size()], 1);
      const GalleryQuery query{probe.front(), -1, kLimit};
      for (std::size_t i = 0; i < times.size(); ++i) {
        const Kernel kernel = all_kernels()[i];
        if (!is_available(kernel)) continue;
        reads.push_back(milliseconds_of([&] { sum = gallery_.read(); }));
        times[i].memory.push_back(milliseconds_of([&] { gallery_.search(probe, kLimit, kernel, 1); }));
        search_store("plain", query, kernel, times[i].plain);
        search_store("sealed", query, kernel, times[i].sealed);
      }
      many.push_back(milliseconds_of(
          [&] { gallery_.search(probes_, kLimit, context_.scan.kernel, report_.threads, threshold); }));
      step(1);
    }
    report_.read_ms = median(reads);
    report_.many_ms = median(many) / static_cast<double>(probes_.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i].memory.empty()) continue;
      report_.kernels.push_back({std::string(name_of(all_kernels()[i])), median(times[i].memory),
                                 median(times[i].plain.kept), median(times[i].plain.anew),
                                 median(times[i].sealed.kept), median(times[i].sealed.anew)});
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

PictureTimes bench_picture(FaceEngine& engine, std::span<const std::uint8_t> picture) {
  std::vector<double> decoding;
  std::vector<double> finding;
  std::vector<double> embedding;
  for (std::size_t round = 0; round <= kRounds; ++round) {
    Image image;
    FaceScene scene;
    const double decoded = milliseconds_of([&] { image = engine.decode(picture, {}).image; });
    const double found = milliseconds_of([&] { scene = engine.find_faces(image); });
    if (scene.faces.empty()) throw Error(Cause::kRefused, "FACE_NOT_FOUND", "the picture shows no face");
    const double embedded = milliseconds_of([&] {
      engine.place_landmarks(image, scene.faces.front());
      engine.embed(engine.align(image, scene.faces.front()));
    });
    if (round == 0) continue;  // loads everything
    decoding.push_back(decoded);
    finding.push_back(found);
    embedding.push_back(embedded);
  }
  return {engine.pack().name, median(decoding), median(finding), median(embedding)};
}

}  // namespace facesearch::service
