// SPDX-License-Identifier: MIT
#include "facesearch/image/image.hpp"

#include <algorithm>
#include <utility>

namespace facesearch {
namespace {

// Works in squares of this side, so that reads across rows stay in the cache.
constexpr std::size_t kTile = 32;

}  // namespace

Image turned(const Image& image, int quarter_turns) {
  if (quarter_turns == 0 || image.pixels.empty()) {
    return image;
  }
  Image out{image.width, image.height, std::vector<std::uint8_t>(image.pixels.size())};
  if (quarter_turns != 2) {
    std::swap(out.width, out.height);
  }
  const auto width = static_cast<std::size_t>(image.width);
  const auto height = static_cast<std::size_t>(image.height);
  const auto out_width = static_cast<std::size_t>(out.width);
  const auto target = [&](std::size_t x, std::size_t y) {
    switch (quarter_turns) {
      case 1:
        return x * out_width + (height - 1 - y);
      case 2:
        return (height - 1 - y) * out_width + (width - 1 - x);
      default:
        return (width - 1 - x) * out_width + y;
    }
  };
  for (std::size_t top = 0; top < height; top += kTile) {
    for (std::size_t left = 0; left < width; left += kTile) {
      const std::size_t right = std::min(left + kTile, width);
      for (std::size_t y = top; y < std::min(top + kTile, height); ++y) {
        const std::uint8_t* from = image.pixels.data() + 3 * (y * width + left);
        for (std::size_t x = left; x < right; ++x, from += 3) {
          std::copy_n(from, 3, out.pixels.data() + 3 * target(x, y));
        }
      }
    }
  }
  return out;
}

Image mirrored(Image image) {
  if (image.pixels.empty()) return image;
  const auto row = 3 * static_cast<std::size_t>(image.width);
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* left = image.pixels.data() + row * static_cast<std::size_t>(y);
    for (std::uint8_t* right = left + row - 3; left < right; left += 3, right -= 3) {
      std::swap_ranges(left, left + 3, right);
    }
  }
  return image;
}

}  // namespace facesearch
