// SPDX-License-Identifier: MIT
#include "facesearch/face/dlib/model.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {

DlibPicture dlib_picture(const Image& image, int x, int y, int width, int height) {
  static_assert(sizeof(dlib::rgb_pixel) == 3);
  DlibPicture picture(height, width);
  for (int row = 0; row < height; ++row) {
    std::memcpy(static_cast<void*>(&picture(row, 0)), image.at(x, y + row),
                3 * static_cast<std::size_t>(width));
  }
  return picture;
}

DlibPicture dlib_picture(const Image& image) {
  return dlib_picture(image, 0, 0, image.width, image.height);
}

void refuse_model(const NetworkFile& file, const std::string& why) {
  // dlib's message may have several lines, and quote the file.
  constexpr std::size_t kMost = 200;
  std::string line = why.substr(0, kMost);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  throw Error(Cause::kModelMissing, reason::kModelUnusable,
              fmt::format("the network {} cannot be used: {}", file.file, line));
}

void require_plain_input(const NetworkFile& file, const NetworkInput& input) {
  const bool plain = input.rgb && input.scale == 1 &&
                     std::all_of(input.mean.begin(), input.mean.end(), [](double m) { return m == 0; });
  if (!plain) {
    refuse_model(file,
                 "dlib's networks take RGB as it is (they have their own mean and scale), so their input "
                 "is rgb, of mean 0 and scale 1");
  }
}

}  // namespace facesearch
