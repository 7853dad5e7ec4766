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

  std::vector<Template> embed_all(std::span<const Image> chips) override {
    if (chips.empty()) return {};
    std::vector<Image> other_sides;
    std::vector<cv::Mat> pictures;
    other_sides.reserve(chips.size());
    for (const Image& chip : chips) {
      require_size(chip);
      pictures.push_back(view_of(chip));
      if (spec_.mirror) pictures.push_back(view_of(other_sides.emplace_back(mirrored(chip))));
    }
    const std::vector<cv::Mat> answers = network_.forward(pictures, {spec_.output});
    const cv::Mat& answer = answers.front();
    const auto dimension = static_cast<std::size_t>(spec_.dimension);
    if (answer.total() != pictures.size() * dimension) {
      network_.refuse(fmt::format("it answers with {:g} numbers to a picture, its manifest says {}",
                                  static_cast<double>(answer.total()) / static_cast<double>(pictures.size()),
                                  spec_.dimension));
    }
    std::vector<Template> templates;
    templates.reserve(chips.size());
    const auto* numbers = answer.ptr<float>();
    const auto next = [&] {
      return template_of({std::exchange(numbers, numbers + dimension), dimension}, spec_);
    };
    for (std::size_t i = 0; i < chips.size(); ++i) {
      Template values = next();
      templates.push_back(spec_.mirror ? mean_of_sides(std::move(values), next()) : std::move(values));
    }
    return templates;
  }

 private:
  void require_size(const Image& chip) const {
    if (chip.width == spec_.input.width && chip.height == spec_.input.height) return;
    throw Error(Cause::kInternal, "INTERNAL",
                fmt::format("the aligned face has {}x{} pixels, its network takes {}x{}", chip.width,
                            chip.height, spec_.input.width, spec_.input.height));
  }

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
