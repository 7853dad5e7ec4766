// SPDX-License-Identifier: MIT
#include <array>

#include "facesearch/face/dlib/model.hpp"

namespace {

using namespace facesearch;

constexpr std::array kDetectors{DetectorRuntime{"dlib-hog", make_hog},
                                DetectorRuntime{"dlib-mmod", make_mmod}};
constexpr std::array kEmbedders{EmbedderRuntime{"dlib-resnet", make_resnet},
                                EmbedderRuntime{"dlib-densenet", make_densenet}};
constexpr std::array kAlignments{AlignmentRuntime{"dlib-chip", dlib_chip}};
constexpr RuntimeTable kTable{kDetectors, {}, kEmbedders, {}, kAlignments};

}  // namespace

// The symbol that kRuntimeSymbol (face/runtimes/runtime_module.hpp) names.
extern "C" __attribute__((visibility("default"))) const facesearch::RuntimeTable* facesearch_runtimes_v3() {
  return &kTable;
}
