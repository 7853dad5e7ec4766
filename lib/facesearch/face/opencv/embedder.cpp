// SPDX-License-Identifier: MIT
#include <utility>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "facesearch/core/error.hpp"
#include "facesearch/face/opencv/network.hpp"
#include "facesearch/face/pipeline/alignment.hpp"
#include "facesearch/face/pipeline/embedding.hpp"

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
    std::vector<cv::Mat> pictures{view_of(chip)};
    const Image other_side = spec_.mirror ? mirrored(chip) : Image{};
    if (spec_.mirror) pictures.push_back(view_of(other_side));
    const std::vector<cv::Mat> answers = network_.forward(pictures, {spec_.output});
    const cv::Mat& answer = answers.front();
    const auto dimension = static_cast<std::size_t>(spec_.dimension);
    if (answer.total() != pictures.size() * dimension) {
      network_.refuse(fmt::format("it answers with {} numbers{}, its manifest says {}", answer.total(),
                                  spec_.mirror ? " to two pictures" : "", spec_.dimension));
    }
    const auto* numbers = answer.ptr<float>();
    Template values = template_of({numbers, dimension}, spec_);
    if (!spec_.mirror) return values;
    return mean_of_sides(std::move(values), template_of({numbers + dimension, dimension}, spec_));
  }

 private:
  OpencvNetwork network_;
  EmbedderSpec spec_;
};

}  // namespace

std::unique_ptr<Embedder> make_onnx_embedder(const EmbedderSpec& spec, const NetworkBytes& bytes) {
  return std::make_unique<OnnxEmbedder>(spec, bytes);
}

Image align_with_opencv(const Image& image, const DetectedFace& face, const AlignmentSpec& spec) {
  const Similarity to_chip = best_similarity(face.landmarks, spec.landmarks);
  const cv::Matx23d matrix(to_chip.a, -to_chip.b, to_chip.dx, to_chip.b, to_chip.a, to_chip.dy);
  Image chip{spec.width, spec.height, {}};
  chip.pixels.resize(3 * static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.height));
  cv::Mat out = view_of(chip);
  try {
    cv::warpAffine(view_of(image), out, matrix, out.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                   cv::Scalar());
  } catch (const cv::Exception& error) {
    rethrow(error);
  }
  return chip;
}

}  // namespace facesearch
