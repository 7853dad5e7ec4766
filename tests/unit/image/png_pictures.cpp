// SPDX-License-Identifier: MIT
#include <png.h>

#include "image/pictures.hpp"

namespace pictures {
namespace {

void on_write(png_structp codec, png_bytep bytes, std::size_t size) {
  Bytes& out = *static_cast<Bytes*>(png_get_io_ptr(codec));
  out.insert(out.end(), bytes, bytes + size);
}

void put_palette(png_structp codec, png_infop info, const Bytes& palette) {
  std::vector<png_color> colors;
  for (std::size_t i = 0; i < palette.size(); i += 3) {
    colors.push_back({palette[i], palette[i + 1], palette[i + 2]});
  }
  if (!colors.empty()) {
    png_set_PLTE(codec, info, colors.data(), static_cast<int>(colors.size()));
  }
}

void put_transparency(png_structp codec, png_infop info, const PngOptions& options) {
  const std::vector<std::uint16_t>& hidden = options.hidden;
  if (!options.alphas.empty()) {
    png_set_tRNS(codec, info, options.alphas.data(), static_cast<int>(options.alphas.size()), nullptr);
  } else if (hidden.size() == 1) {
    const png_color_16 color = {0, 0, 0, 0, hidden[0]};
    png_set_tRNS(codec, info, nullptr, 0, &color);
  } else if (hidden.size() == 3) {
    const png_color_16 color = {0, hidden[0], hidden[1], hidden[2], 0};
    png_set_tRNS(codec, info, nullptr, 0, &color);
  }
}

}  // namespace

// A mistake here ends the tests: libpng's default is to print and abort.
Bytes png(int width, int height, const Bytes& rows, const PngOptions& options) {
  Bytes out;
  png_structp codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(codec);
  png_set_write_fn(codec, &out, on_write, nullptr);
  png_set_IHDR(codec, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), options.depth,
               options.color, options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  put_palette(codec, info, options.palette);
  put_transparency(codec, info, options);
  // Must change nothing: profiles and gamma are ignored.
  png_set_gAMA(codec, info, 0.9);
  if (!options.exif.empty()) {
    Bytes copy = options.exif;
    png_set_eXIf_1(codec, info, static_cast<png_uint_32>(copy.size()), copy.data());
  }
  png_write_info(codec, info);
  const std::size_t stride = png_get_rowbytes(codec, info);
  const int passes = png_set_interlace_handling(codec);
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < height; ++y) {
      png_write_row(codec, rows.data() + stride * static_cast<std::size_t>(y));
    }
  }
  png_write_end(codec, info);
  png_destroy_write_struct(&codec, &info);
  return out;
}

}  // namespace pictures
