// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// Looks for faces as FaceEngine::find_faces promises; of `spec` its scores are used.
FaceScene look_for_faces(Detector& detector, const DetectorSpec& spec, const Image& image);

}  // namespace facesearch
