// SPDX-License-Identifier: MIT
// Writes PNG through libpng.
#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>

#include <png.h>

#include "facesearch/core/error.hpp"
#include "facesearch/image/encode.hpp"

namespace facesearch {
namespace {

constexpr int kPngCompression = 3;  // of 9: half the time of the usual 6, for a tenth more bytes

/// libpng's state. Constructed outside of the frame that longjmp leaves, so its destructor always runs.
struct PngWriter {
  png_structp codec = nullptr;
  png_infop info = nullptr;
  std::string bytes;
  std::jmp_buf escape{};
  char why[128] = {};
  bool out_of_memory = false;

  PngWriter() = default;
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&codec, &info); }
};

[[noreturn]] void leave_png_writer(png_structp codec, png_const_charp message) {
  PngWriter& writer = *static_cast<PngWriter*>(png_get_error_ptr(codec));
  std::strncpy(writer.why, message, sizeof writer.why - 1);
  std::longjmp(writer.escape, 1);  // NOLINT(cert-err52-cpp): libpng offers nothing else
}

// No exception may pass through libpng.
void on_write(png_structp codec, png_bytep from, std::size_t size) {
  PngWriter& writer = *static_cast<PngWriter*>(png_get_io_ptr(codec));
  try {
    writer.bytes.append(reinterpret_cast<const char*>(from), size);
    return;
  } catch (const std::bad_alloc&) {
    writer.out_of_memory = true;
  }
  png_error(codec, "out of memory");
}

// Its frame has no object with a destructor.
bool write_picture(PngWriter& writer, const Image& image) {
  if (setjmp(writer.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  writer.info = png_create_info_struct(writer.codec);
  if (writer.info == nullptr) png_error(writer.codec, "out of memory");
  png_set_write_fn(writer.codec, &writer, on_write, [](png_structp) {});
  png_set_compression_level(writer.codec, kPngCompression);
  png_set_IHDR(writer.codec, writer.info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.codec, writer.info);
  for (int y = 0; y < image.height; ++y) png_write_row(writer.codec, image.at(0, y));
  png_write_end(writer.codec, nullptr);
  return true;
}

}  // namespace

std::string encode_png(const Image& image) {
  PngWriter writer;
  writer.codec = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, leave_png_writer,
                                         [](png_structp, png_const_charp) {});
  if (writer.codec == nullptr) throw std::bad_alloc();
  if (!write_picture(writer, image)) {
    if (writer.out_of_memory) throw std::bad_alloc();
    throw Error(Cause::kInternal, "INTERNAL",
                std::string("the picture cannot be written as PNG: ") + writer.why);
  }
  return std::move(writer.bytes);
}

}  // namespace facesearch
