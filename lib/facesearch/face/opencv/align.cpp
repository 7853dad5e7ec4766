// SPDX-License-Identifier: MIT
#include <opencv2/imgproc.hpp>

#include "facesearch/face/opencv/network.hpp"
#include "facesearch/face/pipeline/alignment.hpp"

namespace facesearch {

Image align_with_opencv(const Image& image, const DetectedFace& face, const AlignmentSpec& spec) {
  const Similarity to_chip = best_similarity(face.landmarks, spec.landmarks);
  const cv::Matx23d matrix(to_chip.a, -to_chip.b, to_chip.dx, to_chip.b, to_chip.a, to_chip.dy);
  Image chip{spec.width, spec.height, {}};
  chip.pixels.resize(3 * static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.height));
  cv::Mat out = view_of(chip);
  try {
    cv::warpAffine(view_of(image), out, matrix, out.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                   cv::Scalar());
  } catch (const cv::Exception& error) {
    rethrow(error);
  }
  return chip;
}

}  // namespace facesearch
