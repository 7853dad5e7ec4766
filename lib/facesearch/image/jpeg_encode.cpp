// SPDX-License-Identifier: MIT
// Writes JPEG through libjpeg: all colours at full resolution, so that thin lines stay sharp.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include "facesearch/core/error.hpp"
#include "facesearch/image/encode.hpp"

namespace facesearch {
namespace {

constexpr int kJpegQuality = 92;

/// libjpeg's state. Constructed outside of the frame that longjmp leaves, so its destructor always runs.
struct JpegWriter {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  std::jmp_buf escape{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  char why[JMSG_LENGTH_MAX] = {};

  JpegWriter() = default;
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    jpeg_destroy_compress(&codec);
    std::free(bytes);
  }
};

[[noreturn]] void leave_writer(j_common_ptr codec) {
  JpegWriter& writer = *static_cast<JpegWriter*>(codec->client_data);
  codec->err->format_message(codec, writer.why);
  std::longjmp(writer.escape, 1);  // NOLINT(cert-err52-cpp): libjpeg offers nothing else
}

// Its frame has no object with a destructor.
bool write_picture(JpegWriter& writer, const Image& image) {
  jpeg_compress_struct& codec = writer.codec;
  codec.err = jpeg_std_error(&writer.errors);
  writer.errors.error_exit = leave_writer;
  writer.errors.output_message = [](j_common_ptr) {};
  codec.client_data = &writer;
  if (setjmp(writer.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &writer.bytes, &writer.size);
  codec.image_width = static_cast<JDIMENSION>(image.width);
  codec.image_height = static_cast<JDIMENSION>(image.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, kJpegQuality, TRUE);
  codec.comp_info[0].h_samp_factor = 1;
  codec.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    // libjpeg's declaration is not const; it only reads.
    auto* row = const_cast<JSAMPLE*>(image.at(0, static_cast<int>(codec.next_scanline)));  // NOLINT
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  return true;
}

}  // namespace

std::string encode_jpeg(const Image& image) {
  JpegWriter writer;
  if (!write_picture(writer, image)) {
    if (writer.errors.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    throw Error(Cause::kInternal, "INTERNAL",
                std::string("the picture cannot be written as JPEG: ") + writer.why);
  }
  return {reinterpret_cast<const char*>(writer.bytes), writer.size};
}

}  // namespace facesearch
