// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "facesearch/core/error.hpp"
#include "facesearch/image/decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr facesearch::ImageLimits kLimits{1U << 20U, 1U << 18U, 2048};
  static const std::filesystem::path kModules = FACESEARCH_BINARY_DIR "/lib/facesearch";
  try {
    const facesearch::Image image = facesearch::decode({data, size}, kLimits, kModules);
    const auto width = static_cast<std::size_t>(image.width);
    const auto height = static_cast<std::size_t>(image.height);
    if (width * height == 0 || image.pixels.size() != 3 * width * height) {
      std::abort();
    }
  } catch (const facesearch::Error& error) {
    if (error.reason().empty()) {
      std::abort();
    }
  }
  return 0;
}
