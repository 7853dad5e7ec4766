// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>

#include "facesearch/face/opencv/network.hpp"

namespace facesearch {
namespace {

class OnnxLandmarks final : public LandmarkModel {
 public:
  OnnxLandmarks(const LandmarkSpec& spec, const NetworkBytes& bytes)
      : network_(spec.network, spec.input, bytes), side_(std::max(spec.input.width, spec.input.height)) {}

  std::optional<Landmarks> place(const Image& chip) override {
    const std::vector<cv::Mat> answers = network_.forward({view_of(chip)}, {""});
    const cv::Mat& answer = answers.front();
    Landmarks landmarks;
    if (answer.total() != 2 * landmarks.size()) {
      network_.refuse(fmt::format("it answers with {} numbers, five landmarks have 10", answer.total()));
    }
    const float* xy = answer.ptr<float>();
    for (Point& point : landmarks) {
      point = {xy[0], xy[1]};
      xy += 2;
      // NaN fails each comparison, so it counts as far.
      if (!near(point.x) || !near(point.y)) return std::nullopt;
    }
    return landmarks;
  }

 private:
  bool near(double place) const { return place >= -side_ && place <= 2 * side_; }

  OpencvNetwork network_;
  double side_;
};

}  // namespace

std::unique_ptr<LandmarkModel> make_onnx_landmarks(const LandmarkSpec& spec, const NetworkBytes& bytes) {
  return std::make_unique<OnnxLandmarks>(spec, bytes);
}

}  // namespace facesearch
