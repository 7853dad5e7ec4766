// SPDX-License-Identifier: MIT
// WebP through libwebp: lossy, lossless and animated (first frame), alpha onto white, the EXIF chunk.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include <webp/decode.h>
#include <webp/demux.h>

#include "facesearch/image/exif.hpp"
#include "facesearch/image/formats.hpp"

namespace facesearch {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

/// Both release the iterator only: frames and chunks point into the file's bytes.
struct Frame : WebPIterator {
  Frame() : WebPIterator{} {}
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { WebPDemuxReleaseIterator(this); }
};
struct Chunk : WebPChunkIterator {
  Chunk() : WebPChunkIterator{} {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk() { WebPDemuxReleaseChunkIterator(this); }
};

WebPBitstreamFeatures features_of(const std::uint8_t* bytes, std::size_t size) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(bytes, size, &features) != VP8_STATUS_OK || features.width < 1 || features.height < 1) {
    throw_undecodable("WebP", "its header is damaged or cut off");
  }
  return features;
}

std::uint32_t canvas_side(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return 1U + (static_cast<std::uint32_t>(bytes[offset + 2]) << 16U |
               static_cast<std::uint32_t>(bytes[offset + 1]) << 8U | bytes[offset]);
}

// libwebp reports a canvas of more than 2³² pixels as damaged; it is too large, so check it first.
void check_canvas(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  constexpr std::array<std::uint8_t, 4> kExtended = {'V', 'P', '8', 'X'};
  constexpr std::size_t kCanvasWidth = 24;
  constexpr std::size_t kCanvasHeight = 27;
  if (bytes.size() >= kCanvasHeight + 3 &&
      std::equal(kExtended.begin(), kExtended.end(), bytes.begin() + 12)) {
    check_sides(canvas_side(bytes, kCanvasWidth), canvas_side(bytes, kCanvasHeight), limits);
  }
}

// libwebp 1.5 calls some damage of an alpha plane a lack of memory, too. So whether there is enough for a
// frame is tried: throws std::bad_alloc. No new-expression: those may be left out by the compiler.
void require_memory_for(const Frame& frame) {
  constexpr std::size_t kMostPerPixel = 8;  // pixels of both decoders, the alpha plane
  constexpr std::size_t kTables = 4U << 20;
  const std::size_t pixels = static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height);
  ::operator delete(::operator new(kMostPerPixel* pixels + kTables));
}

void decode_into(const Frame& frame, WEBP_CSP_MODE mode, std::uint8_t* pixels, std::size_t stride,
                 std::size_t size) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    throw_undecodable("WebP", "libwebp is of another version than its headers");
  }
  config.output.colorspace = mode;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels, static_cast<int>(stride), size};
  const VP8StatusCode status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
  if (status == VP8_STATUS_OUT_OF_MEMORY) {
    require_memory_for(frame);
  }
  if (status != VP8_STATUS_OK) {
    throw_undecodable("WebP", "its pixels are damaged or cut off");
  }
}

// The first frame may be smaller than the canvas; the rest stays white.
void compose(const std::vector<std::uint8_t>& rgba, const Frame& frame, Image& canvas) {
  const auto width = static_cast<std::size_t>(frame.width);
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* from = rgba.data() + 4 * width * static_cast<std::size_t>(y);
    const std::ptrdiff_t offset = canvas.at(frame.x_offset, frame.y_offset + y) - canvas.at(0, 0);
    compose_on_white(from, width, canvas.pixels.data() + offset);
  }
}

void decode_frame(const Frame& frame, Image& canvas) {
  const WebPBitstreamFeatures features = features_of(frame.fragment.bytes, frame.fragment.size);
  if (features.width != frame.width || features.height != frame.height || frame.x_offset < 0 ||
      frame.y_offset < 0 || frame.x_offset > canvas.width - frame.width ||
      frame.y_offset > canvas.height - frame.height) {
    throw_undecodable("WebP", "its sides contradict each other");
  }
  const auto width = static_cast<std::size_t>(frame.width);
  if (features.has_alpha == 0 && frame.width == canvas.width && frame.height == canvas.height) {
    decode_into(frame, MODE_RGB, canvas.pixels.data(), 3 * width, canvas.pixels.size());
    return;
  }
  std::vector<std::uint8_t> rgba(4 * width * static_cast<std::size_t>(frame.height));
  decode_into(frame, MODE_RGBA, rgba.data(), 4 * width, rgba.size());
  compose(rgba, frame, canvas);
}

}  // namespace

StoredPicture decode_webp(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  check_canvas(bytes, limits);
  const WebPBitstreamFeatures features = features_of(bytes.data(), bytes.size());
  const auto width = static_cast<std::uint32_t>(features.width);
  const auto height = static_cast<std::uint32_t>(features.height);
  check_sides(width, height, limits);

  const WebPData data = {bytes.data(), bytes.size()};
  const Demuxer demuxer(WebPDemux(&data));
  Frame frame;
  if (!demuxer || WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0 || frame.complete == 0) {
    throw_undecodable("WebP", "it is damaged or cut off");
  }
  StoredPicture stored{white_image(width, height)};
  decode_frame(frame, stored.image);
  Chunk exif;
  if (WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &exif) != 0) {
    stored.orientation = exif_orientation({exif.chunk.bytes, exif.chunk.size});
  }
  return stored;
}

}  // namespace facesearch
