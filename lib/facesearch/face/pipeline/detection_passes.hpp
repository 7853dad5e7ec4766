// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// Finds faces in passes, as FaceEngine::find_faces says. Uses the scores of `spec`.
FaceScene detect_in_passes(Detector& detector, const DetectorSpec& spec, const Image& image);

}  // namespace facesearch
