// SPDX-License-Identifier: MIT
#include "facesearch/face/dlib/embedder.hpp"
#include "facesearch/face/dlib/resnet_network.hpp"

namespace facesearch {

std::unique_ptr<Embedder> make_resnet(const EmbedderSpec& spec, const NetworkBytes& bytes) {
  return std::make_unique<DlibEmbedder<DlibResnet>>(spec, bytes, 150);
}

}  // namespace facesearch
