// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/face/opencv_network.hpp"

namespace facesearch {
namespace {

class OnnxEmbedder final : public Embedder {
 public:
  OnnxEmbedder(const EmbedderSpec& spec, const NetworkBytes& bytes)
      : network_(spec.network, spec.input, bytes), spec_(spec) {}

  Template embed(const Image& chip) override {
    if (chip.width != spec_.input.width || chip.height != spec_.input.height) {
      throw Error(Cause::kInternal, "INTERNAL",
                  fmt::format("the aligned face has {}x{} pixels, its network takes {}x{}", chip.width,
                              chip.height, spec_.input.width, spec_.input.height));
    }
    const std::vector<cv::Mat> answers = network_.forward(view_of(chip), {spec_.output});
    const cv::Mat& answer = answers.front();
    if (answer.total() != static_cast<std::size_t>(spec_.dimension)) {
      network_.refuse(
          fmt::format("it answers with {} numbers, its manifest says {}", answer.total(), spec_.dimension));
    }
    return normalised({answer.ptr<float>(), answer.ptr<float>() + answer.total()});
  }

 private:
  OpencvNetwork network_;
  EmbedderSpec spec_;
};

}  // namespace

std::unique_ptr<Embedder> make_onnx_embedder(const EmbedderSpec& spec, const NetworkBytes& bytes) {
  return std::make_unique<OnnxEmbedder>(spec, bytes);
}

}  // namespace facesearch
