// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/dlib/model.hpp"
#include "facesearch/face/pipeline/embedding.hpp"

namespace facesearch {

/// An embedder on a network of dlib's that answers a picture with a vector. `Network` is a type of dlib's
/// templates, which take long to compile: each has a file of its own.
template <class Network>
class DlibEmbedder final : public Embedder {
 public:
  DlibEmbedder(const EmbedderSpec& spec, const NetworkBytes& bytes, int side) : spec_(spec) {
    require_plain_input(spec.network, spec.input);
    if (spec.input.width != side || spec.input.height != side)
      refuse_model(spec.network, fmt::format("its input is {}x{} pixels", side, side));
    if (!spec.output.empty()) refuse_model(spec.network, "it has one output, without a name");
    read_model(network_, spec.network, bytes);
  }

  // One after the other: dlib's convolutions gain nothing from a batch.
  std::vector<Template> embed_all(std::span<const Image> chips) override {
    std::vector<Template> templates;
    templates.reserve(chips.size());
    for (const Image& chip : chips) templates.push_back(embed_one(chip));
    return templates;
  }

 private:
  Template embed_one(const Image& chip) {
    if (chip.width != spec_.input.width || chip.height != spec_.input.height)
      throw Error(Cause::kInternal, "INTERNAL", "the aligned face has not its network's size");
    if (!spec_.mirror) return answer(chip);
    return mean_of_sides(answer(chip), answer(mirrored(chip)));
  }

  Template answer(const Image& chip) {
    std::vector<float> values;
    try {
      const auto& numbers = network_(dlib_picture(chip));
      values.assign(numbers.begin(), numbers.end());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      refuse_model(spec_.network, error.what());
    }
    if (values.size() != static_cast<std::size_t>(spec_.dimension)) {
      refuse_model(spec_.network, fmt::format("it answers with {} numbers, its manifest says {}",
                                              values.size(), spec_.dimension));
    }
    return template_of(values, spec_);
  }

  EmbedderSpec spec_;
  Network network_;
};

}  // namespace facesearch
