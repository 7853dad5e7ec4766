// SPDX-License-Identifier: MIT
#include "service/fake_runtime.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <utility>

#include "facesearch/core/error.hpp"

namespace facesearch::test {
namespace {

std::function<void()>& during_detection() {
  static std::function<void()> action;
  return action;
}

// A frontal face: the landmarks where alignment puts them, in shares of the box.
Landmarks landmarks_in(const Box& box) {
  constexpr std::array<Point, 5> kShares{
      {{0.34, 0.46}, {0.66, 0.46}, {0.5, 0.64}, {0.37, 0.82}, {0.63, 0.82}}};
  Landmarks landmarks{};
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    landmarks.at(i) = {box.x + kShares.at(i).x * box.width, box.y + kShares.at(i).y * box.height};
  }
  return landmarks;
}

class FakeDetector : public Detector {
 public:
  explicit FakeDetector(double min_score) : min_score_(min_score) {}

  std::vector<DetectedFace> detect(const Image& image, int /*long_side*/) override {
    if (auto action = std::exchange(during_detection(), {})) action();
    std::vector<DetectedFace> faces;
    if (image.at(0, 0)[2] == 255) return faces;  // not upright
    std::set<std::pair<int, int>> seen;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        if (image.at(x, y)[0] == 0 || seen.contains({x, y})) continue;
        int size = 1;
        while (x + size < image.width && image.at(x + size, y)[0] == image.at(x, y)[0]) ++size;
        for (int dy = 0; dy < size; ++dy) {
          for (int dx = 0; dx < size; ++dx) seen.insert({x + dx, y + dy});
        }
        const Box box{static_cast<double>(x), static_cast<double>(y), static_cast<double>(size),
                      static_cast<double>(size)};
        const double score = image.at(x, y)[2] / 250.0;
        if (score >= min_score_) faces.push_back({box, score, landmarks_in(box), {}});
      }
    }
    return faces;
  }

 private:
  double min_score_;
};

class FakeEmbedder : public Embedder {
 public:
  std::vector<Template> embed_all(std::span<const Image> chips) override {
    std::vector<Template> templates;
    for (const Image& chip : chips) {
      const double angle = chip.at(0, 0)[0] * std::numbers::pi / 180;
      templates.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)), 0, 0});
    }
    return templates;
  }
};

class FakeLiveness : public LivenessModel {
 public:
  double score(const Image& image, const Box& box) override {
    const Point centre = box.centre();
    return image.at(static_cast<int>(centre.x), static_cast<int>(centre.y))[1] / 255.0;
  }
};

// A sharp, evenly lit chip whose first pixel is the face's colour.
Image fake_align(const Image& image, const DetectedFace& face, const AlignmentSpec& spec) {
  Image chip{spec.width, spec.height, {}};
  for (int y = 0; y < spec.height; ++y) {
    for (int x = 0; x < spec.width; ++x) {
      const std::uint8_t luma = (x / 4 + y / 4) % 2 == 0 ? 90 : 160;
      chip.pixels.insert(chip.pixels.end(), 3, luma);
    }
  }
  const Point nose = face.landmarks[2];
  const std::uint8_t* colour = image.at(static_cast<int>(nose.x), static_cast<int>(nose.y));
  std::copy(colour, colour + 3, chip.pixels.begin());
  return chip;
}

}  // namespace

const RuntimeTable& fake_runtimes() {
  static const std::array<DetectorRuntime, 1> detectors{
      {{"fake", [](const DetectorSpec& spec, std::span<const NetworkBytes>) -> std::unique_ptr<Detector> {
          return std::make_unique<FakeDetector>(spec.min_score);
        }}}};
  static const std::array<EmbedderRuntime, 1> embedders{
      {{"fake", [](const EmbedderSpec& spec, const NetworkBytes& bytes) -> std::unique_ptr<Embedder> {
          if (std::string(bytes.begin(), bytes.end()) == "unusable") {
            throw Error(Cause::kModelMissing, reason::kModelUnusable,
                        "the network " + spec.network.file + " cannot be used: it is none.");
          }
          return std::make_unique<FakeEmbedder>();
        }}}};
  static const std::array<LivenessRuntime, 1> liveness{
      {{"fake", [](const LivenessSpec&, std::span<const NetworkBytes>) -> std::unique_ptr<LivenessModel> {
          return std::make_unique<FakeLiveness>();
        }}}};
  static const std::array<AlignmentRuntime, 1> alignments{{{"opencv-similarity", fake_align}}};
  static const RuntimeTable table{detectors, {}, embedders, liveness, alignments};
  return table;
}

DuringDetection::DuringDetection(std::function<void()> action) {
  during_detection() = std::move(action);
}

DuringDetection::~DuringDetection() {
  during_detection() = {};
}

}  // namespace facesearch::test
