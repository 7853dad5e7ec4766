// SPDX-License-Identifier: MIT
#include "image/pictures.hpp"

#include <random>

namespace pictures {

Samples noise(int width, int height, int channels, unsigned seed) {
  Samples samples{width, height, channels, {}};
  std::mt19937 random(seed);
  const int count = width * height * channels;
  samples.values.resize(static_cast<std::size_t>(count));
  for (std::uint8_t& value : samples.values) {
    value = static_cast<std::uint8_t>(random());
  }
  return samples;
}

Samples smooth(int width, int height, int channels) {
  Samples samples{width, height, channels, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < channels; ++channel) {
        const int ramp = channel % 2 == 0 ? x * 200 / width : y * 200 / height;
        samples.values.push_back(static_cast<std::uint8_t>(30 + ramp));
      }
    }
  }
  return samples;
}

Bytes exif(int orientation, bool little_endian, unsigned type) {
  Bytes out = little_endian ? Bytes{'I', 'I'} : Bytes{'M', 'M'};
  const auto put = [&](unsigned value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      out.push_back(static_cast<std::uint8_t>(value >> 8U * (little_endian ? i : size - 1 - i)));
    }
  };
  put(42, 2);
  put(8, 4);
  put(2, 2);
  put(0x0100, 2), put(4, 2), put(1, 4), put(77, 4);
  const unsigned size = type == 1 || type == 6 ? 1 : type == 3 || type == 8 ? 2 : 4;
  put(0x0112, 2), put(type, 2), put(1, 4), put(static_cast<unsigned>(orientation), size), put(0, 4 - size);
  put(0, 4);
  return out;
}

facesearch::Image oriented_reference(const facesearch::Image& stored, int orientation) {
  enum class Side : std::uint8_t { kTop, kBottom, kLeft, kRight };
  struct Zero {
    Side row;
    Side column;
  };
  constexpr Zero kTable[] = {{Side::kTop, Side::kLeft},     {Side::kTop, Side::kRight},
                             {Side::kBottom, Side::kRight}, {Side::kBottom, Side::kLeft},
                             {Side::kLeft, Side::kTop},     {Side::kRight, Side::kTop},
                             {Side::kRight, Side::kBottom}, {Side::kLeft, Side::kBottom}};
  const Zero zero = kTable[orientation - 1];
  const bool swapped = orientation > 4;
  facesearch::Image out{swapped ? stored.height : stored.width, swapped ? stored.width : stored.height, {}};
  out.pixels.resize(stored.pixels.size());
  for (int row = 0; row < stored.height; ++row) {
    for (int column = 0; column < stored.width; ++column) {
      int x = 0;
      int y = 0;
      const auto place = [&](Side side, int index) {
        switch (side) {
          case Side::kTop:
            y = index;
            break;
          case Side::kBottom:
            y = out.height - 1 - index;
            break;
          case Side::kLeft:
            x = index;
            break;
          case Side::kRight:
            x = out.width - 1 - index;
            break;
        }
      };
      place(zero.row, row);
      place(zero.column, column);
      for (int channel = 0; channel < 3; ++channel) {
        const int to = (y * out.width + x) * 3 + channel;
        const int from = (row * stored.width + column) * 3 + channel;
        out.pixels.at(static_cast<std::size_t>(to)) = stored.pixels.at(static_cast<std::size_t>(from));
      }
    }
  }
  return out;
}

}  // namespace pictures
