// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "image/pictures.hpp"

namespace pictures {
namespace {

struct Spaces {
  J_COLOR_SPACE in;
  J_COLOR_SPACE stored;
};

Spaces spaces_of(JpegKind kind) {
  switch (kind) {
    case JpegKind::kGrey:
    case JpegKind::kGreyProgressive:
      return {JCS_GRAYSCALE, JCS_GRAYSCALE};
    case JpegKind::kRgb:
      return {JCS_RGB, JCS_RGB};
    case JpegKind::kCmyk:
    case JpegKind::kPlainCmyk:
      return {JCS_CMYK, JCS_CMYK};
    case JpegKind::kYcck:
      return {JCS_CMYK, JCS_YCCK};
    default:
      return {JCS_RGB, JCS_YCbCr};
  }
}

void put_exif(jpeg_compress_struct& codec, const Bytes& exif) {
  Bytes marker = {'E', 'x', 'i', 'f', 0, 0};
  marker.insert(marker.end(), exif.begin(), exif.end());
  jpeg_write_marker(&codec, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
}

}  // namespace

Bytes jpeg(const Samples& samples, JpegKind kind, const Bytes& exif) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &memory, &size);
  codec.image_width = static_cast<JDIMENSION>(samples.width);
  codec.image_height = static_cast<JDIMENSION>(samples.height);
  codec.input_components = samples.channels;
  const Spaces spaces = spaces_of(kind);
  codec.in_color_space = spaces.in;
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, spaces.stored);
  jpeg_set_quality(&codec, 100, TRUE);
  if (kind != JpegKind::kYcc420) {
    codec.comp_info[0].h_samp_factor = 1;
    codec.comp_info[0].v_samp_factor = 1;
    if (samples.channels == 4) {
      codec.comp_info[3].h_samp_factor = 1;
      codec.comp_info[3].v_samp_factor = 1;
    }
  }
  if (kind == JpegKind::kPlainCmyk) {
    codec.write_Adobe_marker = FALSE;
  }
  if (kind == JpegKind::kProgressive || kind == JpegKind::kGreyProgressive) {
    jpeg_simple_progression(&codec);
  }
  constexpr jpeg_scan_info kScript[] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  if (kind == JpegKind::kScans) {
    codec.scan_info = kScript;
    codec.num_scans = 3;
  }
  jpeg_start_compress(&codec, TRUE);
  if (!exif.empty()) {
    put_exif(codec, exif);
  }
  Bytes copy = samples.values;
  const std::size_t stride =
      static_cast<std::size_t>(samples.width) * static_cast<std::size_t>(samples.channels);
  while (codec.next_scanline < codec.image_height) {
    JSAMPROW row = copy.data() + stride * codec.next_scanline;
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  Bytes out(memory, memory + size);
  jpeg_destroy_compress(&codec);
  std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc): libjpeg's own
  return out;
}

}  // namespace pictures
