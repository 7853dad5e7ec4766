// SPDX-License-Identifier: MIT
#include "facesearch/face/opencv/canvas.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include "facesearch/face/opencv/network.hpp"

namespace facesearch {

cv::Size reduced_size(const Image& image, double ratio) {
  const auto side = [&](int pixels) { return std::max(1, static_cast<int>(std::lround(pixels * ratio))); };
  return {side(image.width), side(image.height)};
}

cv::Mat canvas_with(const Image& image, cv::Size size, cv::Size whole) {
  cv::Mat canvas(whole, CV_8UC3, cv::Scalar());
  cv::Mat corner = canvas(cv::Rect(cv::Point(), size));
  cv::resize(view_of(image), corner, size, 0, 0, cv::INTER_AREA);
  return canvas;
}

std::vector<DetectedFace> faces_of(const Candidates& found, const DetectorSpec& spec, const Image& image,
                                   cv::Size size) {
  const double x_scale = static_cast<double>(image.width) / size.width;
  const double y_scale = static_cast<double>(image.height) / size.height;
  std::vector<int> kept;
  cv::dnn::NMSBoxes(found.boxes, found.scores, static_cast<float>(spec.min_score),
                    static_cast<float>(spec.nms), kept);
  std::vector<DetectedFace> faces;
  for (const int index : kept) {
    const auto i = static_cast<std::size_t>(index);
    const cv::Rect2d& box = found.boxes.at(i);
    DetectedFace face{{box.x * x_scale, box.y * y_scale, box.width * x_scale, box.height * y_scale},
                      found.scores.at(i),
                      found.landmarks.at(i)};
    for (Point& point : face.landmarks) point = {point.x * x_scale, point.y * y_scale};
    faces.push_back(face);
  }
  return faces;
}

}  // namespace facesearch
