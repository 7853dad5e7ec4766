// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

// From a picture to a detector's canvas, and from what is found there back to the picture.
namespace facesearch {

/// The size of the picture times `ratio`; neither side is 0.
cv::Size reduced_size(const Image& image, double ratio);

/// The picture, reduced to `size`, in the upper left corner of a black canvas of `whole`, which holds it.
cv::Mat canvas_with(const Image& image, cv::Size size, cv::Size whole);

/// What a detector found, in pixels of its canvas, before overlaps are removed. All three have one length.
struct Candidates {
  std::vector<cv::Rect2d> boxes;
  std::vector<float> scores;
  std::vector<Landmarks> landmarks;
};

/// Those that `spec` takes, without overlaps, in pixels of the picture, which was reduced to `size`.
std::vector<DetectedFace> faces_of(const Candidates& found, const DetectorSpec& spec, const Image& image,
                                   cv::Size size);

}  // namespace facesearch
