// SPDX-License-Identifier: MIT
// SCRFD as InsightFace exports it: for each of the strides 8, 16 and 32 a score, a box and five points for
// each of two anchors a cell. A box is its distances left, top, right and bottom from the cell's corner, and
// points are offsets from it, all in strides. The outputs are told apart by their rows and columns, because
// their names are numbers and OpenCV orders them in its own way.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "facesearch/face/opencv/canvas.hpp"
#include "facesearch/face/opencv/network.hpp"
#include "facesearch/face/opencv/onnx_input.hpp"

namespace facesearch {
namespace {

constexpr std::array<int, 3> kScrfdStrides{8, 16, 32};
constexpr std::array<int, 3> kScrfdColumns{1, 4, 10};  // score, box, points
constexpr int kAnchors = 2;
constexpr int kScrfdSideStep = 32;
constexpr int kCanvasStep = 160;
constexpr int kLeastScrfdSide = 64;
constexpr std::size_t kKeptNetworks = 4;  // each holds all weights; passes use few sizes

class Scrfd final : public Detector {
 public:
  Scrfd(const DetectorSpec& spec, const NetworkBytes& bytes) : spec_(spec), bytes_(bytes) {
    if (spec.shape || spec.enlarge != 0) {
      refuse("opencv-scrfd gives landmarks itself and enlarges nothing: no shape, no enlarge");
    }
    const OnnxInput stated = onnx_input(bytes).value_or(OnnxInput{});
    side_.width = spec.input.width != 0 ? spec.input.width : stated.width;
    side_.height = spec.input.height != 0 ? spec.input.height : stated.height;
    const bool fits = (stated.width == 0 || stated.width == side_.width) &&
                      (stated.height == 0 || stated.height == side_.height);
    if (!fits) {
      refuse(fmt::format("its input is {}x{}, its manifest says {}x{}", stated.width, stated.height,
                         spec.input.width, spec.input.height));
    }
    for (const int side : {side_.width, side_.height}) {
      if (side != 0 && (side % kScrfdSideStep != 0 || side < kLeastScrfdSide)) {
        refuse(fmt::format("its input is {}x{}; both sides must be 0 or multiples of {} from {}", side_.width,
                           side_.height, kScrfdSideStep, kLeastScrfdSide));
      }
    }
    if ((side_.width == 0) != (side_.height == 0))
      refuse("its input has one open side; both must be, or none");
  }

  // With a fixed input a larger look shows the network the same picture.
  double smallest_face_px() const override { return side_.width == 0 ? 12 : 0; }

  std::vector<DetectedFace> detect(const Image& image, int long_side) override {
    if (image.width < 1 || image.height < 1) return {};
    double ratio = std::min(1.0, static_cast<double>(long_side) / std::max(image.width, image.height));
    if (side_.width != 0) {
      ratio = std::min({ratio, static_cast<double>(side_.width) / image.width,
                        static_cast<double>(side_.height) / image.height});
    }
    const cv::Size size = reduced_size(image, ratio);
    try {
      return faces_of(detect_on(canvas_with(image, size, canvas_for(size))), spec_, image, size);
    } catch (const cv::Exception& error) {
      rethrow(error);
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { refuse_network(spec_.network.file, why); }

  // Few sizes, and square ones, because a network is read for each.
  cv::Size canvas_for(cv::Size size) const {
    const int side = (std::max(size.width, size.height) + kCanvasStep - 1) / kCanvasStep * kCanvasStep;
    return side_.width != 0 ? side_ : cv::Size(side, side);
  }

  // The network for a canvas of this size: OpenCV reads it anew for each.
  OpencvNetwork& network_for(cv::Size size) {
    const auto key = std::pair(size.width, size.height);
    const auto known = networks_.find(key);
    if (known != networks_.end()) return known->second;
    if (networks_.size() >= kKeptNetworks) networks_.clear();
    const NetworkBytes sized = with_input_sides(bytes_, {size.width, size.height});
    return networks_.try_emplace(key, spec_.network, spec_.input, sized).first->second;
  }

  Candidates detect_on(const cv::Mat& canvas) {
    OpencvNetwork& network = network_for(canvas.size());
    const std::vector<std::string>& names = network.outputs();
    if (names.size() != kScrfdStrides.size() * kScrfdColumns.size()) {
      refuse(
          fmt::format("it has {} outputs; SCRFD with five points has nine: scores, boxes and points for the "
                      "strides 8, 16 and 32",
                      names.size()));
    }
    const std::vector<cv::Mat> answers = network.forward({canvas}, names);
    Candidates found;
    for (const int stride : kScrfdStrides) {
      const int cells = (canvas.cols / stride) * (canvas.rows / stride);
      std::array<const float*, 3> values{};
      for (std::size_t kind = 0; kind < kScrfdColumns.size(); ++kind) {
        values.at(kind) = output_of(answers, stride, kAnchors * cells, kScrfdColumns.at(kind));
      }
      for (int row = 0; row < kAnchors * cells; ++row) {
        const int cell = row / kAnchors;
        read_anchor(values, row, stride,
                    cv::Point(cell % (canvas.cols / stride), cell / (canvas.cols / stride)),
                    std::max(canvas.cols, canvas.rows), found);
      }
    }
    return found;
  }

  // The one output of these rows and columns; a batch of one may stand before them.
  const float* output_of(const std::vector<cv::Mat>& answers, int stride, int rows, int columns) const {
    const float* found = nullptr;
    std::string shapes;
    for (const cv::Mat& answer : answers) {
      const int last = answer.size[answer.dims - 1];
      const std::size_t count = answer.total();
      shapes += fmt::format("{}{}x{}", shapes.empty() ? "" : ", ",
                            last == 0 ? 0 : count / static_cast<std::size_t>(last), last);
      if (last != columns || count != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))
        continue;
      if (found != nullptr) refuse(fmt::format("two of its outputs have {} rows of {}", rows, columns));
      found = answer.ptr<float>();
    }
    if (found == nullptr) {
      refuse(fmt::format("no output has {} rows of {}, two for each cell of stride {}; its outputs have {}",
                         rows, columns, stride, shapes));
    }
    return found;
  }

  void read_anchor(const std::array<const float*, 3>& values, int row, int stride, cv::Point cell,
                   double side, Candidates& out) const {
    const double score = values[0][row];
    if (!std::isfinite(score)) refuse("a score of its answer is no number");
    if (score < spec_.min_score) return;
    const float* box = values[1] + std::ptrdiff_t{4} * row;
    const float* points = values[2] + std::ptrdiff_t{10} * row;
    const cv::Point2d corner = cv::Point2d(cell) * stride;
    const auto far = [&](float strides) { return !(std::abs(double{strides}) * stride <= 2 * side); };
    if (std::any_of(box, box + 4, [](float d) { return !std::isfinite(d); }) ||
        std::any_of(points, points + 10, [](float d) { return !std::isfinite(d); })) {
      refuse("a box or a point of its answer is no number");
    }
    const double width = (double{box[0]} + box[2]) * stride;
    const double height = (double{box[1]} + box[3]) * stride;
    // Any network may be installed, so a face of no size or far from the picture is none.
    if (!(width > 0) || !(height > 0) || std::any_of(box, box + 4, far) ||
        std::any_of(points, points + 10, far))
      return;
    out.boxes.emplace_back(corner.x - double{box[0]} * stride, corner.y - double{box[1]} * stride, width,
                           height);
    out.scores.push_back(static_cast<float>(std::min(score, 1.0)));
    Landmarks landmarks;
    for (Point& point : landmarks) {
      point = {corner.x + double{points[0]} * stride, corner.y + double{points[1]} * stride};
      points += 2;
    }
    out.landmarks.push_back(landmarks);
  }

  DetectorSpec spec_;
  NetworkBytes bytes_;
  cv::Size side_;  // of every canvas; 0: as the picture asks
  std::map<std::pair<int, int>, OpencvNetwork> networks_;
};

}  // namespace

std::unique_ptr<Detector> make_scrfd(const DetectorSpec& spec, std::span<const NetworkBytes> bytes) {
  return std::make_unique<Scrfd>(spec, bytes.front());
}

}  // namespace facesearch
