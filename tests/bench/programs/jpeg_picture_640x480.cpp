// SPDX-License-Identifier: MIT
// Sets a picture into the middle of a grey 640x480 photograph: picture_640x480 IN OUT.jpg
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include <jpeglib.h>

#include "facesearch/image/decode.hpp"

namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 480;

facesearch::Image canvas_with(const facesearch::Image& picture) {
  facesearch::Image canvas{kWidth, kHeight, std::vector<std::uint8_t>(3 * kWidth * kHeight, 128)};
  const int width = std::min(picture.width, kWidth);
  const int height = std::min(picture.height, kHeight);
  for (int y = 0; y < height; ++y) {
    const auto offset = 3 * ((y + (kHeight - height) / 2) * kWidth + (kWidth - width) / 2);
    std::copy_n(picture.at(0, y), 3 * width, canvas.pixels.begin() + offset);
  }
  return canvas;
}

void write_jpeg(const facesearch::Image& image, const char* path) {
  std::FILE* file = std::fopen(path, "wb");
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file);
  encoder.image_width = kWidth;
  encoder.image_height = kHeight;
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 90, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  std::vector<std::uint8_t> row(3 * kWidth);
  for (int y = 0; y < kHeight; ++y) {
    std::copy_n(image.at(0, y), row.size(), row.begin());
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&encoder, rows, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  std::fclose(file);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream stream(argv[1], std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream),
                                        std::istreambuf_iterator<char>()};
  write_jpeg(canvas_with(facesearch::decode(bytes, {}, {})), argv[2]);
  return 0;
}
