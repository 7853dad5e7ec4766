// SPDX-License-Identifier: MIT
// PNG through libpng: every colour type to 8-bit RGB or RGBA, alpha onto white, the eXIf chunk read by hand.
// An animated PNG gives its first frame.
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <vector>

#include <png.h>

#include "facesearch/image/exif.hpp"
#include "facesearch/image/formats.hpp"

namespace facesearch {
namespace {

constexpr std::size_t kSignatureBytes = 8;

/// libpng's state. Constructed outside every frame that longjmp leaves, so its destructor always runs.
struct Png {
  png_structp codec = nullptr;
  png_infop info = nullptr;
  const std::uint8_t* next = nullptr;
  std::size_t left = 0;
  std::jmp_buf escape{};
  char why[128] = {};
  bool out_of_memory = false;

  Png() = default;
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;
  ~Png() { png_destroy_read_struct(&codec, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp codec, png_const_charp message) {
  Png& png = *static_cast<Png*>(png_get_error_ptr(codec));
  std::strncpy(png.why, message, sizeof png.why - 1);
  std::longjmp(png.escape, 1);  // NOLINT(cert-err52-cpp): libpng offers nothing else
}

void on_warning(png_structp /*codec*/, png_const_charp /*message*/) {}

// libpng reports a lack of memory as an error text; this records it.
void* on_allocate(png_structp codec, png_alloc_size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) {
    static_cast<Png*>(png_get_mem_ptr(codec))->out_of_memory = true;
  }
  return memory;
}

void on_free(png_structp /*codec*/, void* memory) {
  std::free(memory);
}

void on_read(png_structp codec, png_bytep to, std::size_t size) {
  Png& png = *static_cast<Png*>(png_get_io_ptr(codec));
  if (size > png.left) {
    png_error(codec, "the file ends before the picture does");
  }
  std::memcpy(to, png.next, size);
  png.next += size;
  png.left -= size;
}

// Converts every colour type to 8-bit RGB or RGBA. Not png_set_background: it makes white 254 in 16-bit
// pictures.
void set_transforms(png_structp codec) {
  png_set_expand(codec);
  png_set_scale_16(codec);
  png_set_gray_to_rgb(codec);
}

bool has_alpha(const Png& png) {
  return (png_get_color_type(png.codec, png.info) & PNG_COLOR_MASK_ALPHA) != 0 ||
         png_get_valid(png.codec, png.info, PNG_INFO_tRNS) != 0;
}

bool is_interlaced(const Png& png) {
  return png_get_interlace_type(png.codec, png.info) != PNG_INTERLACE_NONE;
}

// longjmp leads to the two functions with setjmp, which have no object with a destructor.
bool read_header(Png& png, const ImageLimits& limits) {
  if (setjmp(png.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  png.info = png_create_info_struct(png.codec);
  if (png.info == nullptr) {
    png_error(png.codec, "out of memory");
  }
  png_set_read_fn(png.codec, &png, on_read);
  png_set_user_limits(png.codec, limits.max_side, limits.max_side);
  // Skip ancillary chunks: text, profiles, gamma.
  png_set_keep_unknown_chunks(png.codec, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png.codec, png.info);
  return true;
}

// `rgba` is null where there is no alpha, one row, or all rows of an interlaced picture.
bool read_pixels(Png& png, std::uint8_t* pixels, std::size_t width, std::uint8_t* rgba) {
  if (setjmp(png.escape) != 0) {  // NOLINT(cert-err52-cpp)
    return false;
  }
  set_transforms(png.codec);
  const int passes = png_set_interlace_handling(png.codec);
  png_read_update_info(png.codec, png.info);
  if (png_get_rowbytes(png.codec, png.info) != width * (rgba != nullptr ? 4 : 3)) {
    png_error(png.codec, "its kind of pixels is not known");
  }
  const png_uint_32 height = png_get_image_height(png.codec, png.info);
  for (int pass = 1; pass <= passes; ++pass) {
    for (png_uint_32 y = 0; y < height; ++y) {
      std::uint8_t* rgb = pixels + 3 * width * y;
      std::uint8_t* row = rgba == nullptr ? rgb : rgba + (passes > 1 ? 4 * width * y : 0);
      png_read_row(png.codec, row, nullptr);
      if (rgba != nullptr && pass == passes) {
        compose_on_white(row, width, rgb);
      }
    }
  }
  png_read_end(png.codec, png.info);
  return true;
}

std::uint32_t number_at(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(bytes[offset]) << 24U |
         static_cast<std::uint32_t>(bytes[offset + 1]) << 16U |
         static_cast<std::uint32_t>(bytes[offset + 2]) << 8U | bytes[offset + 3];
}

// Walks the chunks by hand: libpng would allocate whatever length an eXIf chunk claims.
int orientation_of(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 4> kExif = {'e', 'X', 'I', 'f'};
  constexpr std::size_t kBeforeData = 8;  // length and name
  constexpr std::size_t kAroundData = 12;
  std::span<const std::uint8_t> left = bytes.subspan(kSignatureBytes);
  while (left.size() >= kAroundData) {
    const std::size_t size = number_at(left, 0);
    if (size > left.size() - kAroundData) {
      break;
    }
    if (std::equal(kExif.begin(), kExif.end(), left.begin() + 4)) {
      return exif_orientation(left.subspan(kBeforeData, size));
    }
    left = left.subspan(kAroundData + size);
  }
  return 1;
}

[[noreturn]] void throw_failure(const Png& png) {
  if (png.out_of_memory) {
    throw std::bad_alloc();
  }
  throw_undecodable("PNG", png.why);
}

}  // namespace

StoredPicture decode_png(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  // The sides are at a fixed offset: check them before libpng reads anything.
  constexpr std::array<std::uint8_t, 8> kHeader = {0, 0, 0, 13, 'I', 'H', 'D', 'R'};
  constexpr std::size_t kSides = kSignatureBytes + kHeader.size();
  if (bytes.size() < kSides + 8 ||
      !std::equal(kHeader.begin(), kHeader.end(), bytes.begin() + kSignatureBytes)) {
    throw_undecodable("PNG", "its header is missing or cut off");
  }
  const std::uint32_t width = number_at(bytes, kSides);
  const std::uint32_t height = number_at(bytes, kSides + 4);
  check_sides(width, height, limits);

  Png png;
  png.next = bytes.data();
  png.left = bytes.size();
  png.codec =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &png, on_error, on_warning, &png, on_allocate, on_free);
  if (png.codec == nullptr) {
    throw std::bad_alloc();
  }
  if (!read_header(png, limits)) {
    throw_failure(png);
  }
  StoredPicture stored{white_image(width, height)};
  std::vector<std::uint8_t> rgba;
  if (has_alpha(png)) {
    rgba.resize(std::size_t{4} * width * (is_interlaced(png) ? height : 1));
  }
  if (!read_pixels(png, stored.image.pixels.data(), width, rgba.empty() ? nullptr : rgba.data())) {
    throw_failure(png);
  }
  stored.orientation = orientation_of(bytes.first(bytes.size() - png.left));
  return stored;
}

}  // namespace facesearch
