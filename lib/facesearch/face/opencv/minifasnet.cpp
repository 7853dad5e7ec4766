// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "facesearch/face/opencv/network.hpp"

namespace facesearch {
namespace {

// The range of one axis that a crop covers: scaled about the box's centre, shifted into the picture.
// Rounded as the publisher's own code rounds, whose crops the networks were trained on.
cv::Range crop_range(double start, double length, double scale, int limit) {
  const double size = length * scale;
  const double first = std::max(0.0, std::min(start + length / 2 - size / 2, limit - 1 - size));
  const int from = std::clamp(static_cast<int>(first), 0, limit - 1);
  const int last = std::clamp(static_cast<int>(first + size), from, limit - 1);
  return {from, last + 1};
}

class Minifasnet final : public LivenessModel {
 public:
  Minifasnet(const LivenessSpec& spec, std::span<const NetworkBytes> bytes) : spec_(spec) {
    for (std::size_t i = 0; i < spec.networks.size(); ++i) {
      networks_.emplace_back(spec.networks.at(i).network, spec.input, bytes[i]);
    }
  }

  double score(const Image& image, const Box& box) override {
    double sum = 0;
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      sum += live_share(networks_.at(i), image, box, spec_.networks.at(i).crop_scale);
    }
    return std::clamp(sum / static_cast<double>(networks_.size()), 0.0, 1.0);
  }

 private:
  double live_share(OpencvNetwork& network, const Image& image, const Box& box, double crop_scale) const {
    const double width = std::max(box.width, 1.0);
    const double height = std::max(box.height, 1.0);
    const double scale = std::min({(image.width - 1) / width, (image.height - 1) / height, crop_scale});
    cv::Mat input;
    try {
      const cv::Mat crop = view_of(image)(crop_range(box.y, height, scale, image.height),
                                          crop_range(box.x, width, scale, image.width));
      cv::resize(crop, input, cv::Size(spec_.input.width, spec_.input.height));
    } catch (const cv::Exception& error) {
      rethrow(error);
    }
    const std::vector<cv::Mat> answers = network.forward({input}, {""});
    const cv::Mat& answer = answers.front();
    if (answer.total() <= static_cast<std::size_t>(spec_.live_index)) {
      network.refuse(fmt::format("it answers with {} classes, its manifest says that class {} means live",
                                 answer.total(), spec_.live_index));
    }
    const double share = answer.ptr<float>()[spec_.live_index];
    if (!std::isfinite(share)) network.refuse("its answer is no number");
    return share;
  }

  LivenessSpec spec_;
  std::vector<OpencvNetwork> networks_;
};

}  // namespace

std::unique_ptr<LivenessModel> make_minifasnet(const LivenessSpec& spec,
                                               std::span<const NetworkBytes> bytes) {
  return std::make_unique<Minifasnet>(spec, bytes);
}

}  // namespace facesearch
