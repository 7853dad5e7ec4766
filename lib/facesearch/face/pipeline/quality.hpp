// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/policy.hpp"
#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// Measurements of one face.
struct Quality {
  double sharpness = 0;   ///< variance of the Laplacian of the aligned face's luma; below ~20 is a blur
  double brightness = 0;  ///< mean luma of the aligned face, 0–255
  double yaw = 0;         ///< degrees, from the landmarks: an estimate; positive looks to the picture's right
  double pitch = 0;       ///< degrees, an estimate; positive looks up
  double roll = 0;        ///< degrees clockwise, of the line between the eyes
  double inside = 1;      ///< share of the box that lies inside the picture, 0–1
  double margin =
      0;  ///< smallest distance of the box to the picture's border, share of its width; negative: outside
  double overexposed = 0;  ///< share of the aligned face's pixels with a luma of 250 and more
};

/// Measures one face. `chip` is its aligned face.
Quality measure_quality(const Image& image, const DetectedFace& face, const Image& chip);

/// Refuses a face below the limits of `level` and `min_face_px`, with the measured value and the limit.
/// Throws Error(kRefused) with FACE_TOO_SMALL, FACE_CROPPED, FACE_CLOSE_TO_BORDER, FACE_ANGLE_TOO_LARGE,
/// FACE_TOO_DARK, FACE_TOO_BRIGHT or FACE_TOO_BLURRED, checked in this order: too little or too much light
/// takes the detail that sharpness is measured by, so light is to blame where it would do.
void require_quality(const DetectedFace& face, const Quality& quality, QualityLevel level,
                     double min_face_px);

}  // namespace facesearch
