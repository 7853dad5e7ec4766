// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace facesearch {

/// An upright picture: RGB, 8 bits a channel, rows top to bottom without padding,
/// `pixels.size() == 3 * width * height`. Alpha is composed onto white, grey is repeated.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  const std::uint8_t* at(int x, int y) const {
    return pixels.data() +
           3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
  }
};

/// How a picture was made smaller while it was decoded. The sides are those of the file's picture.
struct Reduction {
  int width = 0;
  int height = 0;
  double factor = 1;  ///< pixels of the file's picture in a row of them, for one of the image
};

/// The picture turned clockwise by `quarter_turns` × 90° (0–3).
Image turned(const Image& image, int quarter_turns);

/// The picture mirrored at its vertical axis.
Image mirrored(Image image);

}  // namespace facesearch
