// SPDX-License-Identifier: MIT
// Compares a pack with another on the pictures beside the project, both through the program's own path
// (FaceEngine):
//   beside SHARED MODELS RUNTIMES [--pack NAME] [--reference NAME] [--every N] [--nobody DIR] [--check]
// Prints one JSON document: faces that the reference finds and the pack does not, faces found beyond the
// reference, distances of the landmarks, cosines of the templates of the same aligned faces, the liveness
// score against the reference's verdict, and milliseconds. --every takes every Nth picture of LFW. --nobody
// adds a folder of pictures without faces. --check compares with the limits of docs/models.md and exits with
// 1 if one is missed.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/match/top_candidates.hpp"

namespace {

namespace fs = std::filesystem;
using namespace facesearch;

constexpr double kSmallest = 40;       // pixels of a face's width that counts on photographs
constexpr double kSameFace = 0.4;      // intersection over union from which two boxes are one face
constexpr double kReportedScore = 50;  // of the reference's liveness, from which its verdict is "live"

struct Options {
  fs::path data;
  PackPlaces places;
  fs::path runtimes;
  fs::path nobody;
  std::string pack = "mini";
  std::string reference = "mobilefacenet";
  std::size_t every = 1;
  bool check = false;
};

/// What was seen on one set of pictures.
struct Seen {
  std::size_t pictures = 0;
  std::size_t known = 0;             // faces of the reference
  std::size_t missed = 0;            // of these, not found
  std::size_t nothing = 0;           // pictures in which the reference finds a face and the pack none
  std::size_t beyond = 0;            // faces of the pack that are none of the reference's
  std::size_t reference_beyond = 0;  // the other way round: for pictures that hold no face
  std::vector<double> distances;     // of landmarks, in shares of the reference's eye distance
  std::vector<double> cosines;
  std::vector<std::pair<double, double>> liveness;  // ours, the reference's
  std::vector<std::pair<double, double>> certain;   // of faces that have surroundings enough

  void add(const Seen& other) {
    pictures += other.pictures;
    known += other.known;
    missed += other.missed;
    nothing += other.nothing;
    beyond += other.beyond;
    reference_beyond += other.reference_beyond;
    distances.insert(distances.end(), other.distances.begin(), other.distances.end());
    cosines.insert(cosines.end(), other.cosines.begin(), other.cosines.end());
    liveness.insert(liveness.end(), other.liveness.begin(), other.liveness.end());
    certain.insert(certain.end(), other.certain.begin(), other.certain.end());
  }
};

const DetectedFace* same_face(const DetectedFace& face, const FaceScene& scene) {
  const DetectedFace* best = nullptr;
  double most = kSameFace;
  for (const DetectedFace& other : scene.faces) {
    if (const double share = overlap(face.box, other.box); share >= most) {
      most = share;
      best = &other;
    }
  }
  return best;
}

Seen look(FaceEngine& ours, FaceEngine& theirs, const Image& image, double smallest) {
  Seen seen;
  seen.pictures = 1;
  FaceScene scene = ours.find_faces(image);
  for (DetectedFace& face : scene.faces) ours.place_landmarks(image, face);
  const FaceScene reference = theirs.find_faces(image);
  for (const DetectedFace& known : reference.faces) {
    if (known.box.width < smallest) continue;
    ++seen.known;
    const DetectedFace* face = same_face(known, scene);
    if (face == nullptr) {
      ++seen.missed;
      continue;
    }
    const double eyes =
        std::hypot(known.landmarks[1].x - known.landmarks[0].x, known.landmarks[1].y - known.landmarks[0].y);
    for (std::size_t i = 0; i < known.landmarks.size(); ++i) {
      seen.distances.push_back(std::hypot(face->landmarks.at(i).x - known.landmarks.at(i).x,
                                          face->landmarks.at(i).y - known.landmarks.at(i).y) /
                               std::max(eyes, 1e-6));
    }
    const Image chip = theirs.align(image, known);
    seen.cosines.push_back(exact_cosine(ours.embed(chip), theirs.embed(chip)));
    if (ours.has_liveness() && theirs.has_liveness()) {
      const LivenessResult score = ours.liveness(image, scene, *face);
      const LivenessResult verdict = theirs.liveness(image, reference, known);
      seen.liveness.emplace_back(score.score, verdict.score);
      if (verdict.certain) seen.certain.push_back(seen.liveness.back());
    }
  }
  seen.nothing = !reference.faces.empty() && scene.faces.empty() ? 1 : 0;
  const auto strange = [](const FaceScene& some, const FaceScene& others) {
    return static_cast<std::size_t>(std::ranges::count_if(
        some.faces, [&](const DetectedFace& face) { return same_face(face, others) == nullptr; }));
  };
  seen.beyond = strange(scene, reference);
  seen.reference_beyond = strange(reference, scene);
  return seen;
}

std::vector<fs::path> pictures(const fs::path& folder, std::size_t every = 1) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string kind = entry.path().extension();
    if (entry.is_regular_file() && !entry.is_symlink() &&
        (kind == ".jpg" || kind == ".png" || kind == ".webp"))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<fs::path> taken;
  for (std::size_t i = 0; i < files.size(); i += every) taken.push_back(files[i]);
  return taken;
}

std::optional<Image> read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  try {
    return decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, {}, {});
  } catch (const Error&) {
    return std::nullopt;  // a format or size that the program refuses
  }
}

FaceEngine engine(const Options& options, const std::string& name) {
  return {find_pack(options.places, name), runtimes_in(options.runtimes)};
}

Seen look_at(const Options& options, const std::vector<fs::path>& files, double smallest) {
  Seen all;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    FaceEngine ours = engine(options, options.pack);
    FaceEngine theirs = engine(options, options.reference);
    for (std::size_t i = next++; i < files.size(); i = next++) {
      const auto image = read(files[i]);
      if (!image) continue;
      const Seen seen = look(ours, theirs, *image, smallest);
      const std::lock_guard lock(mutex);
      all.add(seen);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  threads.clear();
  return all;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// How often a face that the reference calls live scores above one that it does not; ties count half.
double area_under_curve(const std::vector<std::pair<double, double>>& scores) {
  double above = 0, pairs = 0;
  for (const auto& [live, verdict] : scores) {
    if (verdict < kReportedScore) continue;
    for (const auto& [other, other_verdict] : scores) {
      if (other_verdict >= kReportedScore) continue;
      ++pairs;
      above += live > other ? 1 : live == other ? 0.5 : 0;
    }
  }
  return pairs > 0 ? above / pairs : 0;
}

std::string shown(const Seen& seen) {
  return fmt::format(
      R"({{"pictures":{},"faces":{},"missed":{},"pictures_with_nothing_found":{},"beyond_reference":{},)"
      R"("reference_beyond":{},"landmarks_median":{:.4f},"landmarks_95":{:.4f},"cosine_to_reference":{:.4f}}})",
      seen.pictures, seen.known, seen.missed, seen.nothing, seen.beyond, seen.reference_beyond,
      quantile(seen.distances, 0.5), quantile(seen.distances, 0.95), mean(seen.cosines));
}

/// Processor milliseconds of one picture from pixels to template, the median of several. What is timed for
/// two packs is timed in turns.
std::vector<double> milliseconds(const std::vector<std::function<void()>>& works) {
  std::vector<std::vector<double>> times(works.size());
  for (int round = 0; round < 15; ++round) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const std::clock_t start = std::clock();
      works[i]();
      times[i].push_back(1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
  }
  std::vector<double> medians(times.size());
  std::ranges::transform(times, medians.begin(), [](const auto& each) { return quantile(each, 0.5); });
  return medians;
}

/// A 640×480 picture with one face, and a pass of an engine over it with the detector at `long_side`.
std::vector<double> times(const Options& options) {
  const auto person = read(options.places.catalog / "../tests/data/people/person01-1.jpg");
  if (!person) throw Error(Cause::kInternal, "INTERNAL", "the sample people are not beside the models");
  Image scene{640, 480, std::vector<std::uint8_t>(std::size_t{3} * 640 * 480, 128)};
  const auto row_of = [&](int y) { return scene.pixels.data() + std::ptrdiff_t{3} * (640 * (y + 40) + 120); };
  for (int y = 0; y < person->height; ++y)
    std::copy_n(person->at(0, y), std::ptrdiff_t{3} * person->width, row_of(y));
  const auto& table = load_runtime_module(options.runtimes, "opencv");
  std::vector<std::function<void()>> works;
  for (const auto& [name, side] :
       {std::pair{options.pack, 320}, {options.reference, 320}, {options.pack, 640}}) {
    const auto pack = std::make_shared<Pack>(find_pack(options.places, name));
    const auto& rows = table.detectors;
    const auto row = std::ranges::find(rows, pack->detector.runtime, &DetectorRuntime::name);
    const std::shared_ptr<Detector> detector =
        row->make(pack->detector, std::vector<NetworkBytes>{read_network(*pack, pack->detector.network)});
    const auto rest = std::make_shared<FaceEngine>(*pack, runtimes_in(options.runtimes));
    works.emplace_back([=, side = side] {
      DetectedFace face = detector->detect(scene, side).at(0);
      rest->place_landmarks(scene, face);
      rest->embed(rest->align(scene, face));
    });
  }
  return milliseconds(works);
}

Options parse(int argc, char** argv) {
  Options options;
  options.data = fs::path(argv[1]) / "data";
  options.places = {fs::path(argv[1]) / "models", argv[2]};
  options.runtimes = argv[3];
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--check") options.check = true;
    if (i + 1 == argc) break;
    if (word == "--pack") options.pack = argv[++i];
    if (word == "--reference") options.reference = argv[++i];
    if (word == "--every") options.every = std::max(1UL, std::stoul(argv[++i]));
    if (word == "--nobody") options.nobody = argv[++i];
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr,
               "usage: {} SHARED MODELS RUNTIMES [--pack NAME] [--reference NAME] [--every N] [--nobody DIR] "
               "[--check]\n",
               argv[0]);
    return 2;
  }
  const Options options = parse(argc, argv);
  if (!fs::exists(options.data / "photographs") || !fs::exists(options.places.models / "yunet")) {
    fmt::print("skipped: {} holds no photographs and networks\n", options.data.parent_path().string());
    return 77;
  }
  const Seen lfw = look_at(options, pictures(options.data / "lfw-dev" / "images", options.every), 0);
  const Seen people = look_at(options, pictures(options.data / "sample-people"), 0);
  const Seen photographs = look_at(options, pictures(options.data / "photographs"), kSmallest);
  const double area = area_under_curve(photographs.liveness);
  fmt::print(
      "{{\"pack\":\"{}\",\"reference\":\"{}\",\n \"lfw\":{},\n \"sample_people\":{},\n \"photographs\":{},\n",
      options.pack, options.reference, shown(lfw), shown(people), shown(photographs));
  if (!options.nobody.empty()) {
    fmt::print(" \"nobody\":{},\n", shown(look_at(options, pictures(options.nobody), 0)));
  }
  fmt::print(R"( "liveness":{{"faces":{},"area_under_curve":{:.4f},"certain":{},"area_of_certain":{:.4f}}},)"
             "\n",
             photographs.liveness.size(), area, photographs.certain.size(),
             area_under_curve(photographs.certain));
  const std::vector<double> ms = times(options);
  fmt::print(
      " \"ms\":{{\"at_320\":{:.1f},\"reference_at_320\":{:.1f},\"ratio\":{:.2f},\"at_640\":{:.1f}}}}}\n",
      ms[0], ms[1], ms[0] / ms[1], ms[2]);
  if (!options.check) return 0;
  const auto at_most = [](const char* what, double is, double most) {
    if (is <= most) return true;
    fmt::print(stderr, "{} is {:.4f}, more than {}\n", what, is, most);
    return false;
  };
  bool good = at_most("LFW: share of pictures with nothing found",
                      static_cast<double>(lfw.nothing) / static_cast<double>(lfw.pictures), 0.01);
  good &= at_most("sample people missed", static_cast<double>(people.missed), 0);
  good &= at_most("share of the photographs' faces missed",
                  static_cast<double>(photographs.missed) / static_cast<double>(photographs.known), 0.08);
  good &= at_most("LFW: landmarks, 95th percentile", quantile(lfw.distances, 0.95), 0.13);
  good &= at_most("photographs: 1 - cosine to the reference", 1 - mean(photographs.cosines), 0.28);
  good &= at_most("liveness: 1 - area under the curve", 1 - area, 0.1);
  return good ? 0 : 1;
}
