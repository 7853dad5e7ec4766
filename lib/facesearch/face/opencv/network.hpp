// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// One ONNX network at work, with its input prepared as the manifest says.
/// Everything throws Error(kModelMissing, MODEL_UNUSABLE) where OpenCV refuses, std::bad_alloc where it has
/// no memory.
class OpencvNetwork {
 public:
  OpencvNetwork(const NetworkFile& file, const NetworkInput& input, const NetworkBytes& bytes);

  /// The answers to RGB pictures of one size, all at once, in the order of `outputs`; each is checked to be
  /// made of floats that lie side by side, one picture's after the other's. The empty name stands for the
  /// only output.
  std::vector<cv::Mat> forward(const std::vector<cv::Mat>& rgb, const std::vector<std::string>& outputs);

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string file_;
  NetworkInput input_;
  cv::dnn::Net net_;
  std::vector<std::string> names_;
};

/// The pixels of `image` as OpenCV sees them; no copy, not to be written.
cv::Mat view_of(const Image& image);

/// Throws Error(kInternal), or std::bad_alloc where there was no memory, in place of OpenCV's own exception.
[[noreturn]] void rethrow(const cv::Exception& error);

/// Makes OpenCV keep quiet and to one thread, once for the process.
void settle_opencv();

// The makers and the alignment that opencv_runtimes.cpp puts into the table.
std::unique_ptr<Detector> make_yunet(const DetectorSpec& spec, std::span<const NetworkBytes> bytes);
std::unique_ptr<LandmarkModel> make_onnx_landmarks(const LandmarkSpec& spec, const NetworkBytes& bytes);
std::unique_ptr<Embedder> make_onnx_embedder(const EmbedderSpec& spec, const NetworkBytes& bytes);
std::unique_ptr<LivenessModel> make_minifasnet(const LivenessSpec& spec, std::span<const NetworkBytes> bytes);

/// The face warped by the least-squares similarity that takes its landmarks to those of `spec`.
Image align_with_opencv(const Image& image, const DetectedFace& face, const AlignmentSpec& spec);

}  // namespace facesearch
