// SPDX-License-Identifier: MIT
#include <array>

#include "facesearch/face/dlib/model.hpp"

// OpenBLAS's, where libblas.so.3 is OpenBLAS; null with any other BLAS.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

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
  // The program has a thread for each picture that it works on, so one of BLAS's own would only wait.
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
  return &kTable;
}
