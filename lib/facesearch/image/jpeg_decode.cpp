// SPDX-License-Identifier: MIT
// JPEG through libjpeg: limits on scans and memory against hostile files, CMYK to RGB, EXIF of the first APP1
// segment. Warnings that mean lost data are errors: missing is the last marker at most (EOI), which some
// cameras and programs leave out or write after data of their own. Whether a pixel is missing is told by what
// was read: in a file with one scan libjpeg warns of the first bit that is not there; in one with several,
// each component must have come, and a progressive one to its last bit.
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include "facesearch/image/exif.hpp"
#include "facesearch/image/formats.hpp"
#include "facesearch/image/jpeg_kind.hpp"

namespace facesearch {
namespace {

// A hostile progressive file has thousands of scans, each of them over the whole picture.
constexpr std::uint64_t kMaxScans = 500;
constexpr std::uint64_t kMaxScannedPixels = 2'000'000'000;
// 50 megapixels of four components at two bytes a coefficient are 400 MB.
constexpr long kMaxMemory = 512L << 20;
constexpr std::uint64_t kMaxCoefficientBytes = 400'000'000;
// What a picture above the limit is reduced to: a quarter of the longest side, squared. 200 megapixels become
// 12.5 and take no more memory than a photograph of a phone.
constexpr std::uint64_t kMaxReducedPixels = 4096ULL * 4096ULL;

/// libjpeg's state. Constructed outside every frame that longjmp leaves, so its destructor always runs.
struct Jpeg {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf escape{};
  const std::uint8_t* exif = nullptr;  // inside the file's own bytes
  std::size_t exif_size = 0;
  bool ended_early = false;  // without its last marker
  char why[JMSG_LENGTH_MAX] = {};

  Jpeg() = default;
  Jpeg(const Jpeg&) = delete;
  Jpeg& operator=(const Jpeg&) = delete;
  ~Jpeg() { jpeg_destroy_decompress(&codec); }
};

Jpeg& jpeg_of(j_common_ptr codec) {
  return *static_cast<Jpeg*>(codec->client_data);
}

[[noreturn]] void leave(j_common_ptr codec) {
  Jpeg& jpeg = jpeg_of(codec);
  codec->err->format_message(codec, jpeg.why);
  std::longjmp(jpeg.escape, 1);  // NOLINT(cert-err52-cpp): libjpeg offers nothing else
}

// Ignores only the warnings that do not change a pixel; all others mean lost data.
void on_message(j_common_ptr codec, int level) {
  if (level >= 0) {
    return;
  }
  switch (codec->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // cameras pad between segments
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
      return;
    case JWRN_JPEG_EOF:  // libjpeg goes on as if EOI came; a bit that is asked for after that is another
                         // warning
      jpeg_of(codec).ended_early = true;
      return;
    default:
      leave(codec);
  }
}

void on_progress(j_common_ptr codec) {
  const jpeg_decompress_struct& jpeg = jpeg_of(codec).codec;
  const auto scans = static_cast<std::uint64_t>(jpeg.input_scan_number);
  if (scans > kMaxScans || scans * jpeg.image_width * jpeg.image_height > kMaxScannedPixels) {
    codec->err->msg_code = JERR_BAD_PROGRESSION;
    Jpeg& state = jpeg_of(codec);
    std::strncpy(state.why, "it has too many scans for its size", sizeof state.why - 1);
    std::longjmp(state.escape, 1);  // NOLINT(cert-err52-cpp)
  }
}

// jpeg_save_markers would copy each of a hostile file's millions of segments and walk the list for each.
boolean on_app1(j_decompress_ptr codec) {
  jpeg_source_mgr& source = *codec->src;
  constexpr char kExif[] = {'E', 'x', 'i', 'f', '\0', '\0'};
  if (source.bytes_in_buffer < 2) {
    ERREXIT(codec, JERR_INPUT_EOF);
  }
  const std::size_t size =
      static_cast<std::size_t>(source.next_input_byte[0]) << 8U | source.next_input_byte[1];
  if (size < 2 || size > source.bytes_in_buffer) {
    ERREXIT(codec, JERR_BAD_LENGTH);
  }
  Jpeg& jpeg = *static_cast<Jpeg*>(codec->client_data);
  const std::uint8_t* payload = source.next_input_byte + 2;
  if (jpeg.exif == nullptr && size - 2 >= sizeof kExif && std::memcmp(payload, kExif, sizeof kExif) == 0) {
    jpeg.exif = payload;
    jpeg.exif_size = size - 2;
  }
  source.next_input_byte += size;
  source.bytes_in_buffer -= size;
  return TRUE;
}

// longjmp leads to the two functions with setjmp, which have no object with a destructor.
bool read_header(Jpeg& jpeg, const std::uint8_t* bytes, std::size_t size) {
  jpeg.codec.err = jpeg_std_error(&jpeg.errors);
  jpeg.errors.error_exit = leave;
  jpeg.errors.emit_message = on_message;
  jpeg.codec.client_data = &jpeg;
  if (setjmp(jpeg.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  jpeg_create_decompress(&jpeg.codec);
  jpeg.codec.mem->max_memory_to_use = kMaxMemory;
  jpeg.progress.progress_monitor = on_progress;
  jpeg.codec.progress = &jpeg.progress;
  jpeg_mem_src(&jpeg.codec, bytes, size);
  jpeg_set_marker_processor(&jpeg.codec, JPEG_APP0 + 1, on_app1);
  jpeg_read_header(&jpeg.codec, TRUE);
  // Another frame than the first, after a damaged one: each hostile scan would be many times slower.
  if (jpeg.codec.arith_code != FALSE) {
    ERREXIT(&jpeg.codec, JERR_ARITH_NOTIMPL);
  }
  return true;
}

// Adobe's programs store CMYK inverted.
void ink_to_rgb(const std::uint8_t* ink, std::size_t width, bool inverted, std::uint8_t* rgb) {
  const unsigned flip = inverted ? 0 : 255;
  for (std::size_t x = 0; x < width; ++x, ink += 4, rgb += 3) {
    const unsigned key = ink[3] ^ flip;
    for (std::size_t i = 0; i < 3; ++i) {
      rgb[i] = static_cast<std::uint8_t>(((ink[i] ^ flip) * key + 127) / 255);
    }
  }
}

// Whether all data of the picture was read, in a file with several scans.
bool is_complete(const jpeg_decompress_struct& codec) {
  for (int i = 0; i < codec.num_components; ++i) {
    if (codec.comp_info[i].quant_table == nullptr)
      return false;  // kept when the component's first scan begins
    if (codec.progressive_mode == FALSE) continue;
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (codec.coef_bits[i][k] != 0) return false;
    }
  }
  return true;
}

bool read_pixels(Jpeg& jpeg, std::uint8_t* pixels, std::uint8_t* ink) {
  if (setjmp(jpeg.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  jpeg.codec.out_color_space = ink != nullptr ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg.codec);  // reads all scans, if there are several
  if (jpeg.ended_early && jpeg_has_multiple_scans(&jpeg.codec) != FALSE && !is_complete(jpeg.codec)) {
    ERREXIT(&jpeg.codec, JERR_INPUT_EOF);
  }
  while (jpeg.codec.output_scanline < jpeg.codec.output_height) {
    std::uint8_t* rgb = pixels + std::size_t{3} * jpeg.codec.output_width * jpeg.codec.output_scanline;
    JSAMPROW row = ink != nullptr ? ink : rgb;
    jpeg_read_scanlines(&jpeg.codec, &row, 1);
    if (ink != nullptr) {
      ink_to_rgb(ink, jpeg.codec.output_width, jpeg.codec.saw_Adobe_marker != FALSE, rgb);
    }
  }
  return true;  // what comes after the pixels does not matter
}

[[noreturn]] void throw_failure(const Jpeg& jpeg) {
  if (jpeg.errors.msg_code == JERR_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  throw_undecodable("JPEG", jpeg.why);
}

std::uint64_t coefficient_bytes(const jpeg_decompress_struct& codec) {
  constexpr std::uint64_t kBytesOfBlock = 64 * sizeof(JCOEF);
  std::uint64_t bytes = 0;
  for (int i = 0; i < codec.num_components; ++i) {
    const jpeg_component_info& component = codec.comp_info[i];
    bytes += kBytesOfBlock * component.width_in_blocks * component.height_in_blocks;
  }
  return bytes;
}

// Checks the sides. Above the limit of pixels, sets the scale (eighths) at which libjpeg decodes, and returns
// what that does to the picture. libjpeg reads each block's low frequencies alone, so it is fast.
Reduction reduce(Jpeg& jpeg, bool whole, const ImageLimits& limits, Large large) {
  jpeg_decompress_struct& codec = jpeg.codec;
  const std::uint64_t width = codec.image_width;
  const std::uint64_t height = codec.image_height;
  check_longest(width, height, limits);
  if (large == Large::kRefuse || !whole || width * height <= limits.max_pixels) {
    check_sides(width, height, limits);
    return {};
  }
  if (jpeg_has_multiple_scans(&codec) != FALSE && coefficient_bytes(codec) > kMaxCoefficientBytes) {
    check_sides(
        width, height, limits,
        " for a progressive JPEG of this kind, which is decoded as a whole; save it as a baseline JPEG");
  }
  constexpr unsigned kEighths = 8;
  codec.scale_denom = kEighths;
  codec.scale_num = kEighths - 1;
  jpeg_calc_output_dimensions(&codec);
  while (codec.scale_num > 1 && std::uint64_t{codec.output_width} * codec.output_height > kMaxReducedPixels) {
    --codec.scale_num;
    jpeg_calc_output_dimensions(&codec);
  }
  return {static_cast<int>(width), static_cast<int>(height), double{kEighths} / codec.scale_num};
}

// `trailer`: where data of another kind begins, if libjpeg took that for a marker between two scans.
StoredPicture decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits, Large large,
                     std::optional<std::size_t>& trailer) {
  Jpeg jpeg;
  const bool whole = read_header(jpeg, bytes.data(), bytes.size());
  // Check the sides first, even if the header is damaged after them, or libjpeg itself refuses the size.
  const Reduction reduction = reduce(jpeg, whole, limits, large);
  if (!whole) {
    throw_failure(jpeg);
  }
  const bool reduced = reduction.width > 0;
  StoredPicture stored{white_image(reduced ? jpeg.codec.output_width : jpeg.codec.image_width,
                                   reduced ? jpeg.codec.output_height : jpeg.codec.image_height),
                       exif_orientation({jpeg.exif, jpeg.exif_size}), reduction};
  std::vector<std::uint8_t> ink(jpeg.codec.num_components == 4 ? std::size_t{4} * jpeg.codec.image_width : 0);
  if (!read_pixels(jpeg, stored.image.pixels.data(), ink.empty() ? nullptr : ink.data())) {
    constexpr std::size_t kMarkerBytes = 2;
    if (jpeg.errors.msg_code == JERR_UNKNOWN_MARKER && !trailer) {
      trailer = bytes.size() - jpeg.codec.src->bytes_in_buffer - kMarkerBytes;
      return stored;
    }
    throw_failure(jpeg);
  }
  return stored;
}

}  // namespace

StoredPicture decode_jpeg(std::span<const std::uint8_t> bytes, const ImageLimits& limits, Large large) {
  require_known_jpeg(bytes);
  std::optional<std::size_t> trailer;
  StoredPicture stored = decode(bytes, limits, large, trailer);
  return trailer ? decode(bytes.first(*trailer), limits, large, trailer) : stored;
}

}  // namespace facesearch
