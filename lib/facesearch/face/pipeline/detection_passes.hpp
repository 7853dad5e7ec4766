// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// The score from which a face counts beside others.
inline constexpr double kSureFace = 0.7;

/// How many faces of the scene count as faces of the picture: the largest, and every other that is at least a
/// quarter as wide, at least `min_face_px` wide, and of a score of kSureFace. The one place that says so; for
/// every command.
std::size_t faces_that_count(const FaceScene& scene, double min_face_px);

/// Finds faces in passes, as FaceEngine::find_faces says. Uses the scores of `spec`.
FaceScene detect_in_passes(Detector& detector, const DetectorSpec& spec, const Image& image,
                           double min_face_px);

}  // namespace facesearch
