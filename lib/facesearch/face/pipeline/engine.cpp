// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/engine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/alignment.hpp"
#include "facesearch/face/pipeline/detection_passes.hpp"
#include "facesearch/face/pipeline/rotation.hpp"

namespace facesearch {
namespace {

constexpr double kEnoughOfSmallestCrop = 0.5;
// A leaning head is set upright in passes: the first finds about half of the angle. Faces that stand take
// one.
constexpr int kMostPasses = 4;
constexpr double kUpright = 0.05;  // radians that the last pass may still have turned the face
constexpr std::size_t kEmbeddedAtOnce =
    16;                               // more is hardly faster, and a large network needs memory for each
constexpr double kLeastScale = 1e-3;  // of a face as large as a picture may be, in the network's input

// The row of a runtime in its library's table; the name begins with the library's.
template <class Row>
const Row& row_named(const Runtimes& runtimes, std::span<const Row> RuntimeTable::*role_rows,
                     std::string_view role, const std::string& name) {
  const auto& rows = runtimes(std::string_view(name).substr(0, name.find('-'))).*role_rows;
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == name; });
  if (row == rows.end()) {
    throw Error(Cause::kModelMissing, "RUNTIME_MISSING",
                fmt::format("the model pack asks for the runtime {} for its {}; this program has no such one",
                            name, role));
  }
  return *row;
}

// A test picture with a pattern everywhere.
Image pattern(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {2 * x + y, x + 3 * y, 5 * x ^ y}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value & 0xff));
      }
    }
  }
  return image;
}

// The landmarks of the face from those of its mirror image.
Landmarks unmirrored(const Landmarks& seen, int width) {
  constexpr std::array<std::size_t, 5> kOther{1, 0, 2, 4, 3};
  Landmarks landmarks;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    const Point& p = seen.at(kOther.at(i));
    landmarks.at(i) = {width - 1 - p.x, p.y};
  }
  return landmarks;
}

std::optional<Landmarks> place_both(LandmarkModel& model, const Image& chip, bool mirror) {
  auto placed = model.place(chip);
  if (!placed || !mirror) return placed;
  const auto other = model.place(mirrored(chip));
  if (!other) return std::nullopt;
  const Landmarks back = unmirrored(*other, chip.width);
  for (std::size_t i = 0; i < back.size(); ++i) {
    placed->at(i) = {(placed->at(i).x + back.at(i).x) / 2, (placed->at(i).y + back.at(i).y) / 2};
  }
  return placed;
}

// Inside the box, or no farther from it than its size.
bool is_near(Point p, const Box& box) {
  return p.x >= box.x - box.width && p.x <= box.x + 2 * box.width && p.y >= box.y - box.height &&
         p.y <= box.y + 2 * box.height;
}

// The alignment that the limits of quality.cpp are for: ArcFace's, which the built-in pack has.
const AlignmentSpec kQualityAlignment{
    112,
    112,
    {{{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}}};

bool is_measured_as_aligned(const AlignmentSpec& spec) {
  constexpr double kSamePlace = 1;
  if (spec.runtime != kQualityAlignment.runtime || spec.width != kQualityAlignment.width ||
      spec.height != kQualityAlignment.height)
    return false;
  for (std::size_t i = 0; i < spec.landmarks.size(); ++i) {
    const Point& p = spec.landmarks.at(i);
    const Point& q = kQualityAlignment.landmarks.at(i);
    if (std::hypot(p.x - q.x, p.y - q.y) > kSamePlace) return false;
  }
  return true;
}

// Rounds to a pixel from `low` to `high`; NaN becomes `low`.
int pixel(double place, int low, int high) {
  if (!(place > low)) return low;
  return place < high ? static_cast<int>(place) : high;
}

// The range of one axis (first pixel and length) that a crop of `scale` can cover: a crop contains the centre
// of the box even if it is shifted into the picture.
std::pair<int, int> reach(double start, double length, double scale, int limit) {
  const double centre = start + length / 2;
  const int from = pixel(std::floor(centre - length * scale), 0, limit - 1);
  const int to = pixel(std::ceil(centre + length * scale), from + 1, limit);
  return {from, to - from};
}

}  // namespace

FaceEngine::FaceEngine(Pack pack, Runtimes runtimes, std::filesystem::path modules)
    : pack_(std::move(pack)), runtimes_(std::move(runtimes)), modules_(std::move(modules)) {}

FaceEngine::~FaceEngine() = default;

Picture FaceEngine::decode(std::span<const std::uint8_t> picture, const ImageLimits& limits) const {
  return decode_reduced(picture, limits, modules_);
}

Detector& FaceEngine::detector() {
  if (!detector_) {
    const DetectorSpec& spec = pack_.detector;
    const auto& runtime = row_named(runtimes_, &RuntimeTable::detectors, "detector", spec.runtime);
    std::vector<NetworkBytes> networks{read_network(pack_, spec.network)};
    if (spec.shape) networks.push_back(read_network(pack_, *spec.shape));
    detector_ = runtime.make(spec, networks);
  }
  return *detector_;
}

LandmarkModel& FaceEngine::landmark_model() {
  if (!landmarks_) {
    const LandmarkSpec& spec = *pack_.landmarks;
    landmarks_ = row_named(runtimes_, &RuntimeTable::landmarks, "landmarks", spec.runtime)
                     .make(spec, read_network(pack_, spec.network));
  }
  return *landmarks_;
}

Embedder& FaceEngine::embedder() {
  if (!embedder_) {
    const EmbedderSpec& spec = pack_.embedder;
    embedder_ = row_named(runtimes_, &RuntimeTable::embedders, "embedder", spec.runtime)
                    .make(spec, read_network(pack_, spec.network));
  }
  return *embedder_;
}

LivenessModel& FaceEngine::liveness_model() {
  if (!pack_.liveness) {
    throw Error(Cause::kInternal, "INTERNAL",
                fmt::format("the model pack {} has no liveness network", pack_.name));
  }
  if (!liveness_) {
    std::vector<NetworkBytes> networks;
    for (const LivenessNetwork& network : pack_.liveness->networks) {
      networks.push_back(read_network(pack_, network.network));
    }
    liveness_ = row_named(runtimes_, &RuntimeTable::liveness, "liveness", pack_.liveness->runtime)
                    .make(*pack_.liveness, networks);
  }
  return *liveness_;
}

void FaceEngine::try_all() {
  constexpr int kSide = 128;
  const Image scene = pattern(kSide, kSide);
  detector().detect(scene, kSide);
  (void)alignment();
  if (pack_.landmarks)
    landmark_model().place(pattern(pack_.landmarks->input.width, pack_.landmarks->input.height));
  embedder().embed(pattern(pack_.alignment.width, pack_.alignment.height));
  if (pack_.liveness) liveness_model().score(scene, {kSide / 4.0, kSide / 4.0, kSide / 2.0, kSide / 2.0});
}

FaceScene FaceEngine::find_faces(const Image& image, double min_face_px) {
  return detect_in_passes(detector(), pack_.detector, image, min_face_px);
}

void FaceEngine::place_landmarks(const Image& image, DetectedFace& face) {
  if (!pack_.landmarks) return;
  const LandmarkSpec& spec = *pack_.landmarks;
  LandmarkModel& model = landmark_model();
  const AlignmentSpec chip{spec.input.width, spec.input.height, spec.points};
  const auto& warp = row_named(runtimes_, &RuntimeTable::alignments, "alignment", chip.runtime);
  DetectedFace moved = face;
  Landmarks& current = moved.landmarks;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    const Similarity to_chip = best_similarity(current, spec.points);
    if (std::hypot(to_chip.a, to_chip.b) < kLeastScale) return;  // degenerate landmarks
    const auto placed = place_both(model, warp.align(image, moved, chip), spec.mirror);
    if (!placed) return;
    std::transform(placed->begin(), placed->end(), current.begin(), inverse(to_chip));
    if (!std::all_of(current.begin(), current.end(), [&](Point p) { return is_near(p, face.box); })) return;
    const Similarity turn = best_similarity(*placed, spec.points);
    if (std::abs(std::atan2(turn.b, turn.a)) < kUpright) break;
  }
  face.landmarks = current;
}

const AlignmentRuntime& FaceEngine::alignment() {
  if (alignment_ == nullptr) {
    alignment_ = &row_named(runtimes_, &RuntimeTable::alignments, "alignment", pack_.alignment.runtime);
  }
  return *alignment_;
}

Image FaceEngine::align(const Image& image, const DetectedFace& face) {
  return alignment().align(image, face, pack_.alignment);
}

Quality FaceEngine::quality(const Image& image, const DetectedFace& face, const Image& chip) {
  if (is_measured_as_aligned(pack_.alignment)) return measure_quality(image, face, chip);
  const auto& warp =
      row_named(runtimes_, &RuntimeTable::alignments, "quality's alignment", kQualityAlignment.runtime);
  return measure_quality(image, face, warp.align(image, face, kQualityAlignment));
}

Template FaceEngine::embed(const Image& chip) {
  return embedder().embed(chip);
}

std::vector<Template> FaceEngine::embed_all(std::span<const Image> chips) {
  std::vector<Template> templates;
  templates.reserve(chips.size());
  for (std::size_t done = 0; done < chips.size(); done += kEmbeddedAtOnce) {
    std::ranges::move(
        embedder().embed_all(chips.subspan(done, std::min(kEmbeddedAtOnce, chips.size() - done))),
        std::back_inserter(templates));
  }
  return templates;
}

LivenessResult FaceEngine::liveness(const Image& image, const FaceScene& scene, const DetectedFace& face) {
  LivenessModel& model = liveness_model();
  double largest = 1;
  double smallest = std::numeric_limits<double>::infinity();
  for (const LivenessNetwork& network : pack_.liveness->networks) {
    largest = std::max(largest, network.crop_scale);
    smallest = std::min(smallest, network.crop_scale);
  }
  // Compares the largest crop that fits into the picture with the smallest one that the networks need.
  const double fits = std::min(image.width / face.box.width, image.height / face.box.height);
  const bool certain = fits >= kEnoughOfSmallestCrop * smallest;
  if (scene.quarter_turns == 0) return {100 * model.score(image, face.box), certain};

  // Turn only the part that the crops can cover, not a photograph of 50 megapixels.
  const auto [x, width] = reach(face.box.x, face.box.width, largest, image.width);
  const auto [y, height] = reach(face.box.y, face.box.height, largest, image.height);
  const Image part = turned(cut(image, x, y, width, height), scene.quarter_turns);
  const Box box{face.box.x - x, face.box.y - y, face.box.width, face.box.height};
  return {100 * model.score(part, turned_box(box, width, height, scene.quarter_turns)), certain};
}

}  // namespace facesearch
