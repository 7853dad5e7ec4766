// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/rotation.hpp"

#include <algorithm>
#include <cmath>

namespace facesearch {

Point turned_point(Point point, double width, double height, int quarter_turns) {
  switch (quarter_turns) {
    case 1:
      return {height - point.y, point.x};
    case 2:
      return {width - point.x, height - point.y};
    case 3:
      return {point.y, width - point.x};
    default:
      return point;
  }
}

Box turned_box(const Box& box, double width, double height, int quarter_turns) {
  const Point a = turned_point({box.x, box.y}, width, height, quarter_turns);
  const Point b = turned_point({box.x + box.width, box.y + box.height}, width, height, quarter_turns);
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(b.x - a.x), std::abs(b.y - a.y)};
}

DetectedFace turned_face(const DetectedFace& face, double width, double height, int quarter_turns) {
  DetectedFace turned{turned_box(face.box, width, height, quarter_turns), face.score, face.landmarks,
                      face.shape};
  for (Point& point : turned.landmarks) point = turned_point(point, width, height, quarter_turns);
  for (Point& point : turned.shape) point = turned_point(point, width, height, quarter_turns);
  return turned;
}

Image averaged(const Image& image, int factor) {
  if (factor == 1) return image;
  Image out{image.width / factor, image.height / factor, {}};
  out.pixels.reserve(3 * static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
  const unsigned area = static_cast<unsigned>(factor) * static_cast<unsigned>(factor);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      std::array<unsigned, 3> sum{};
      for (int row = 0; row < factor; ++row) {
        const std::uint8_t* pixel = image.at(x * factor, y * factor + row);
        for (std::size_t i = 0; i < 3 * static_cast<std::size_t>(factor); ++i) sum.at(i % 3) += pixel[i];
      }
      for (const unsigned channel : sum) {
        out.pixels.push_back(static_cast<std::uint8_t>((channel + area / 2) / area));
      }
    }
  }
  return out;
}

Image cut(const Image& image, int x, int y, int width, int height) {
  Image out{width, height, {}};
  out.pixels.reserve(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int row = y; row < y + height; ++row) {
    const std::uint8_t* first = image.at(x, row);
    out.pixels.insert(out.pixels.end(), first, first + 3 * static_cast<std::ptrdiff_t>(width));
  }
  return out;
}

}  // namespace facesearch
