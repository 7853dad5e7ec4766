// SPDX-License-Identifier: MIT
#include <array>

#include "facesearch/face/opencv/network.hpp"

namespace {

using namespace facesearch;

constexpr std::array kDetectors{DetectorRuntime{"opencv-yunet", make_yunet},
                                DetectorRuntime{"opencv-scrfd", make_scrfd}};
constexpr std::array kLandmarks{LandmarkRuntime{"opencv-landmarks", make_onnx_landmarks}};
constexpr std::array kEmbedders{EmbedderRuntime{"opencv-onnx", make_onnx_embedder}};
constexpr std::array kLiveness{LivenessRuntime{"opencv-minifasnet", make_minifasnet}};
constexpr std::array kAlignments{AlignmentRuntime{"opencv-similarity", align_with_opencv}};
constexpr RuntimeTable kTable{kDetectors, kLandmarks, kEmbedders, kLiveness, kAlignments};

}  // namespace

// The symbol that kRuntimeSymbol (face/runtimes/runtime_module.hpp) names.
extern "C" __attribute__((visibility("default"))) const facesearch::RuntimeTable* facesearch_runtimes_v3() {
  settle_opencv();
  return &kTable;
}
