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

/// One ONNX network, with its input prepared as the manifest says.
/// Everything throws Error(kModelMissing, MODEL_UNUSABLE) if OpenCV fails, std::bad_alloc if it has no
/// memory.
class OpencvNetwork {
 public:
  OpencvNetwork(const NetworkFile& file, const NetworkInput& input, const NetworkBytes& bytes);

  /// Runs the network on RGB pictures of one size in one batch; the outputs are in the order of `outputs` and
  /// are checked to be contiguous floats, one picture after the other. The empty name means the only output.
  std::vector<cv::Mat> forward(const std::vector<cv::Mat>& rgb, const std::vector<std::string>& outputs);

  /// Names of the outputs, in OpenCV's order.
  const std::vector<std::string>& outputs() const { return names_; }

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string file_;
  NetworkInput input_;
  cv::dnn::Net net_;
  std::vector<std::string> names_;
};

/// Throws Error(kModelMissing, MODEL_UNUSABLE) about the network of this file.
[[noreturn]] void refuse_network(const std::string& file, const std::string& why);

/// A view of the pixels of `image`, without a copy; do not write to it.
cv::Mat view_of(const Image& image);

/// Throws Error(kInternal), or std::bad_alloc, instead of OpenCV's exception.
[[noreturn]] void rethrow(const cv::Exception& error);

/// Makes OpenCV log nothing and use one thread, once for the process.
void settle_opencv();

// The factories and the alignment of the table in runtimes.cpp.
std::unique_ptr<Detector> make_yunet(const DetectorSpec& spec, std::span<const NetworkBytes> bytes);
std::unique_ptr<Detector> make_scrfd(const DetectorSpec& spec, std::span<const NetworkBytes> bytes);
std::unique_ptr<LandmarkModel> make_onnx_landmarks(const LandmarkSpec& spec, const NetworkBytes& bytes);
std::unique_ptr<Embedder> make_onnx_embedder(const EmbedderSpec& spec, const NetworkBytes& bytes);
std::unique_ptr<LivenessModel> make_minifasnet(const LivenessSpec& spec, std::span<const NetworkBytes> bytes);

/// The face warped by the least-squares similarity from its landmarks to those of `spec`.
Image align_with_opencv(const Image& image, const DetectedFace& face, const AlignmentSpec& spec);

}  // namespace facesearch
