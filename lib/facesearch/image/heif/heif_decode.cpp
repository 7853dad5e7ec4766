// SPDX-License-Identifier: MIT
// HEIC and AVIF through libheif: the primary picture, turned, mirrored and cropped by the file's own boxes
// (an EXIF orientation beside them says the same and does not count), 8 bits a channel, alpha onto white.
// Depth pictures, thumbnails and other pictures of the file are left alone. boxes.cpp has checked before what
// libheif would decode.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <libheif/heif.h>

#include "facesearch/core/error.hpp"
#include "facesearch/image/formats.hpp"
#include "facesearch/image/heif/boxes.hpp"
#include "facesearch/image/heif_module.hpp"

namespace facesearch {
namespace {

template <auto Function>
struct Release {
  template <class Object>
  void operator()(Object* object) const {
    Function(object);
  }
};
using Context = std::unique_ptr<heif_context, Release<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Release<heif_image_handle_release>>;
using Pixels = std::unique_ptr<heif_image, Release<heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Release<heif_decoding_options_free>>;

template <class Owner>
Owner owned(typename Owner::pointer object) {
  if (object == nullptr) throw std::bad_alloc();
  return Owner(object);
}

bool is_avif(const std::string& format) {
  return format == "AVIF";
}

// Where memory is lacking, libde265 waits for ever for a thread that gave up, and libheif calls it damage. So
// whether there is enough is tried before: throws std::bad_alloc. `pixels` of the whole picture, `part` of
// the largest that is decoded alone. No new-expression: those may be left out by the compiler.
void require_memory_for(std::uint64_t pixels, std::uint64_t part) {
  constexpr std::size_t kPerPixel = 12;        // libheif's planes, its RGBA, and ours
  constexpr std::size_t kPerCodedPixel = 8;    // a codec's planes and what it keeps beside them
  constexpr std::size_t kTables = 16U << 20U;  // and a thread's stack
  ::operator delete(::operator new(kPerPixel* pixels + kPerCodedPixel * part + kTables));
}

[[noreturn]] void throw_failure(const heif_error& error, const std::string& format) {
  // With a subcode, the cause is one of libheif's limits or a picture of no size, and not a lack of memory.
  if (error.code == heif_error_Memory_allocation_error && error.subcode == heif_suberror_Unspecified)
    throw std::bad_alloc();
  const bool avif = is_avif(format);
  const auto codec = avif ? heif_compression_AV1 : heif_compression_HEVC;
  if (error.subcode == heif_suberror_Unsupported_codec && heif_have_decoder_for_format(codec) == 0) {
    throw Error(
        Cause::kImageUnsupported, "IMAGE_DECODER_MISSING",
        fmt::format("it is {} {} picture, but libheif has no decoder for {} here; install {}, or save "
                    "the picture as JPEG",
                    avif ? "an" : "a", format, avif ? "AV1" : "HEVC",
                    avif ? "libheif-plugin-aomdec" : "libheif-plugin-libde265"));
  }
  const std::string words = error.message == nullptr ? "" : error.message;
  throw_undecodable(format.c_str(), words.empty() ? "it is damaged" : "libheif says: " + words);
}

void require(const heif_error& error, const std::string& format) {
  if (error.code != heif_error_Ok) throw_failure(error, format);
}

// Of the decoders of AV1, libaom starts no threads. dav1d starts one for each processor, for each picture,
// and libheif lets nobody change that (alpha planes it always gives to dav1d). Null for libheif's own choice,
// where libaom is not installed.
const char* single_threaded_decoder() {
  constexpr int kMost = 16;
  std::array<const heif_decoder_descriptor*, kMost> decoders{};
  const int count = heif_get_decoder_descriptors(heif_compression_AV1, decoders.data(), kMost);
  for (int i = 0; i < count; ++i) {
    const char* id = heif_decoder_descriptor_get_id_name(decoders.at(static_cast<std::size_t>(i)));
    if (id != nullptr && std::string_view(id) == "aom") return "aom";
  }
  return nullptr;
}

Handle primary_picture(heif_context* context, std::span<const std::uint8_t> file, const std::string& format) {
  require(heif_context_read_from_memory_without_copy(context, file.data(), file.size(), nullptr), format);
  heif_image_handle* handle = nullptr;
  require(heif_context_get_primary_image_handle(context, &handle), format);
  return owned<Handle>(handle);
}

// Where the colours are multiplied with alpha already, the white that shines through is all that is missing.
void compose_multiplied(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) {
  for (std::size_t pixel = 0; pixel < count; ++pixel, rgba += 4, rgb += 3) {
    for (std::size_t i = 0; i < 3; ++i) {
      const unsigned value = rgba[i] + 255U - rgba[3];
      rgb[i] = static_cast<std::uint8_t>(value < 255 ? value : 255);
    }
  }
}

// One row after another; libheif's rows have padding.
void copy_rows(const heif_image* pixels, const heif_image_handle* handle, bool alpha, Image& image) {
  const bool multiplied = alpha && heif_image_handle_is_premultiplied_alpha(handle) != 0;
  int stride = 0;
  const std::uint8_t* from = heif_image_get_plane_readonly(pixels, heif_channel_interleaved, &stride);
  const auto width = static_cast<std::size_t>(image.width);
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < image.height; ++y, from += stride, to += 3 * width) {
    if (!alpha) {
      std::copy_n(from, 3 * width, to);
    } else if (multiplied) {
      compose_multiplied(from, width, to);
    } else {
      compose_on_white(from, width, to);
    }
  }
}

StoredPicture decode(std::span<const std::uint8_t> file, const ImageLimits& limits, const char* format) {
  const HeifCoding coding = check_heif(file, limits, format);
  const auto context = owned<Context>(heif_context_alloc());
  heif_context_set_max_decoding_threads(context.get(), 0);  // several pictures are decoded at once
  const Handle handle = primary_picture(context.get(), file, format);
  const int width = heif_image_handle_get_width(handle.get());
  const int height = heif_image_handle_get_height(handle.get());
  if (width < 1 || height < 1) throw_undecodable(format, "its primary picture has no size");
  const auto columns = static_cast<std::uint32_t>(width);
  const auto rows = static_cast<std::uint32_t>(height);
  check_sides(columns, rows, limits);
  require_memory_for(std::uint64_t{columns} * rows, coding.largest_part);

  const auto options = owned<Options>(heif_decoding_options_alloc());
  options->convert_hdr_to_8bit = 1;
  options->strict_decoding = 1;
  if (coding.av1) options->decoder_id = single_threaded_decoder();
  const bool alpha = heif_image_handle_has_alpha_channel(handle.get()) != 0;
  heif_image* decoded = nullptr;
  require(
      heif_decode_image(handle.get(), &decoded, heif_colorspace_RGB,
                        alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options.get()),
      format);
  const auto pixels = owned<Pixels>(decoded);
  if (heif_image_get_width(pixels.get(), heif_channel_interleaved) != width ||
      heif_image_get_height(pixels.get(), heif_channel_interleaved) != height) {
    throw_undecodable(format, "its sides contradict each other");
  }
  StoredPicture stored{white_image(columns, rows)};
  copy_rows(pixels.get(), handle.get(), alpha, stored.image);
  return stored;
}

}  // namespace
}  // namespace facesearch

// The symbol that kHeifSymbol (image/heif_module.hpp) names.
extern "C" __attribute__((visibility("default"))) facesearch::HeifDecode facesearch_heif_v1() {
  static const heif_error started = heif_init(nullptr);  // finds the decoders; for the process, never ended
  (void)started;
  return facesearch::decode;
}
