// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstring>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/dlib/model.hpp"

namespace facesearch {
namespace {

// The part of a picture that a chip can cover: copying all of a large photograph would be slow.
struct Part {
  int x;
  int y;
  int width;
  int height;
};

Part around(const Image& image, const std::vector<Point>& shape, double padding) {
  double left = shape.front().x;
  double right = left;
  double top = shape.front().y;
  double bottom = top;
  for (const Point& p : shape) {
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  // The chip's middle lies near the points' and its side is at most about twice their extent, which grows by
  // the padding and, in its diagonal, by √2; what is beyond would be black.
  const double reach = 4 * (1 + padding) * std::max({right - left, bottom - top, 1.0});
  const auto limited = [](double place, int limit) {
    return static_cast<int>(std::clamp(place, 0.0, static_cast<double>(limit)));
  };
  const int x = limited(left - reach, image.width - 1);
  const int y = limited(top - reach, image.height - 1);
  return {x, y, std::max(1, limited(right + reach, image.width) - x),
          std::max(1, limited(bottom + reach, image.height) - y)};
}

}  // namespace

Image dlib_chip(const Image& image, const DetectedFace& face, const AlignmentSpec& spec) {
  if (face.shape.size() != 5 && face.shape.size() != 68)
    throw Error(Cause::kInternal, "INTERNAL", "a face that dlib is to align has neither 5 nor 68 points");
  const Part part = around(image, face.shape, spec.padding);
  std::vector<dlib::point> points;
  const auto pixel = [](double place) { return static_cast<long>(std::floor(place)); };
  for (const Point& p : face.shape) points.emplace_back(pixel(p.x) - part.x, pixel(p.y) - part.y);
  Image chip{spec.width, spec.height, {}};
  chip.pixels.resize(3 * static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.height));
  try {
    const auto details = dlib::get_face_chip_details(dlib::full_object_detection(dlib::rectangle(), points),
                                                     static_cast<unsigned long>(spec.width), spec.padding);
    DlibPicture out;
    dlib::extract_image_chip(dlib_picture(image, part.x, part.y, part.width, part.height), details, out);
    std::memcpy(chip.pixels.data(), &out(0, 0), chip.pixels.size());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(Cause::kInternal, "INTERNAL", std::string("dlib refuses a face: ") + error.what());
  }
  return chip;
}

}  // namespace facesearch
