// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "facesearch/face/opencv/canvas.hpp"
#include "facesearch/face/opencv/network.hpp"

namespace facesearch {
namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};
constexpr int kSideStep = 32;
constexpr int kLeastSide = 64;  // with one row of cells at the coarsest stride OpenCV 4.6 answers nonsense

// The four outputs of one stride, for a canvas whose longer side is `side`.
struct Level {
  int stride;
  double side;
  const float* classes;
  const float* objects;
  const float* boxes;
  const float* points;
};

void read_cell(const Level& level, std::ptrdiff_t cell, cv::Point corner, double min_score, Candidates& out) {
  const double score =
      std::sqrt(std::clamp(level.classes[cell], 0.F, 1.F) * std::clamp(level.objects[cell], 0.F, 1.F));
  if (!(score >= min_score)) return;
  const float* box = level.boxes + 4 * cell;
  const float* points = level.points + 10 * cell;
  const double width = level.stride * std::exp(double{box[2]});
  const double height = level.stride * std::exp(double{box[3]});
  const auto place = [&](const float* xy) {
    const cv::Point2d point = (cv::Point2d(corner) + cv::Point2d(xy[0], xy[1])) * level.stride;
    return Point{point.x, point.y};
  };
  // Any network may be installed, so check its output. NaN fails each comparison, so it counts as far.
  const auto near = [&](Point p) {
    return p.x >= -level.side && p.x <= 2 * level.side && p.y >= -level.side && p.y <= 2 * level.side;
  };
  const Point centre = place(box);
  Landmarks landmarks;
  for (Point& landmark : landmarks) {
    landmark = place(points);
    points += 2;
  }
  if (!near(centre) || !near({width, height}) || !std::all_of(landmarks.begin(), landmarks.end(), near))
    return;
  out.boxes.emplace_back(centre.x - width / 2, centre.y - height / 2, width, height);
  out.scores.push_back(static_cast<float>(score));
  out.landmarks.push_back(landmarks);
}

class Yunet final : public Detector {
 public:
  Yunet(const DetectorSpec& spec, const NetworkBytes& bytes)
      : network_(spec.network, spec.input, bytes), spec_(spec) {
    if (spec.input.width != 0 || spec.input.height != 0) {
      network_.refuse("opencv-yunet takes pictures of any size, so its input's width and height must be 0");
    }
    if (spec.shape || spec.enlarge != 0) {
      network_.refuse("opencv-yunet gives landmarks itself and enlarges nothing: no shape, no enlarge");
    }
    for (const char* kind : {"cls", "obj", "bbox", "kps"}) {
      for (const int stride : kStrides) outputs_.push_back(fmt::format("{}_{}", kind, stride));
    }
  }

  double smallest_face_px() const override { return 12; }

  std::vector<DetectedFace> detect(const Image& image, int long_side) override {
    if (image.width < 1 || image.height < 1) return {};
    const double ratio = std::min(1.0, static_cast<double>(long_side) / std::max(image.width, image.height));
    const cv::Size size = reduced_size(image, ratio);
    try {
      return faces_of(detect_on(canvas_with(image, size, canvas_for(size))), spec_, image, size);
    } catch (const cv::Exception& error) {
      rethrow(error);
    }
  }

 private:
  static cv::Size canvas_for(cv::Size size) {
    const auto up = [](int side) {
      return std::max(kLeastSide, (side + kSideStep - 1) / kSideStep * kSideStep);
    };
    return {up(size.width), up(size.height)};
  }

  Candidates detect_on(const cv::Mat& canvas) {
    const std::vector<cv::Mat> answers = network_.forward({canvas}, outputs_);
    const double side = std::max(canvas.cols, canvas.rows);
    Candidates found;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const int stride = kStrides.at(i);
      const int columns = canvas.cols / stride;
      const int cells = columns * (canvas.rows / stride);
      const auto values = [&](std::size_t kind, int per_cell) {
        const cv::Mat& answer = answers.at(kind * kStrides.size() + i);
        if (answer.total() != static_cast<std::size_t>(cells) * static_cast<std::size_t>(per_cell)) {
          network_.refuse(fmt::format("output {} has {} values, not {}",
                                      outputs_.at(kind * kStrides.size() + i), answer.total(),
                                      cells * per_cell));
        }
        return answer.ptr<float>();
      };
      const Level level{stride, side, values(0, 1), values(1, 1), values(2, 4), values(3, 10)};
      for (int cell = 0; cell < cells; ++cell) {
        read_cell(level, cell, cv::Point(cell % columns, cell / columns), spec_.min_score, found);
      }
    }
    return found;
  }

  OpencvNetwork network_;
  DetectorSpec spec_;
  std::vector<std::string> outputs_;
};

}  // namespace

std::unique_ptr<Detector> make_yunet(const DetectorSpec& spec, std::span<const NetworkBytes> bytes) {
  return std::make_unique<Yunet>(spec, bytes.front());
}

}  // namespace facesearch
