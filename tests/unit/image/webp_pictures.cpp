// SPDX-License-Identifier: MIT
#include <cstring>
#include <string_view>

#include <webp/encode.h>

#include "image/pictures.hpp"

namespace pictures {
namespace {

constexpr std::ptrdiff_t kRiffHeader = 12;
constexpr std::ptrdiff_t kChunkHeader = 8;
constexpr std::uint8_t kHasExif = 0x08;
constexpr std::uint8_t kHasAlpha = 0x10;
constexpr std::uint8_t kHasAnimation = 0x02;

void put_number(Bytes& out, std::size_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U * i));
  }
}

void put_chunk(Bytes& out, std::string_view name, const Bytes& payload) {
  out.insert(out.end(), name.begin(), name.end());
  put_number(out, payload.size(), 4);
  out.insert(out.end(), payload.begin(), payload.end());
  if (payload.size() % 2 != 0) {
    out.push_back(0);
  }
}

Bytes extended_header(std::uint8_t flags, int width, int height) {
  Bytes payload = {flags, 0, 0, 0};
  put_number(payload, static_cast<std::size_t>(width - 1), 3);
  put_number(payload, static_cast<std::size_t>(height - 1), 3);
  return payload;
}

Bytes riff(const Bytes& chunks) {
  Bytes body = {'W', 'E', 'B', 'P'};
  body.insert(body.end(), chunks.begin(), chunks.end());
  Bytes out;
  put_chunk(out, "RIFF", body);
  return out;
}

// The simple file's one chunk, header and all.
Bytes image_chunk(const Samples& samples, bool lossy) {
  const int stride = samples.width * samples.channels;
  const std::uint8_t* values = samples.values.data();
  std::uint8_t* memory = nullptr;
  std::size_t size = 0;
  if (samples.channels == 4) {
    size = lossy ? WebPEncodeRGBA(values, samples.width, samples.height, stride, 95, &memory)
                 : WebPEncodeLosslessRGBA(values, samples.width, samples.height, stride, &memory);
  } else {
    size = lossy ? WebPEncodeRGB(values, samples.width, samples.height, stride, 95, &memory)
                 : WebPEncodeLosslessRGB(values, samples.width, samples.height, stride, &memory);
  }
  Bytes file(memory, memory + size);
  WebPFree(memory);
  // A lossy picture with alpha is an extended file already.
  const bool extended = std::memcmp(file.data() + kRiffHeader, "VP8X", 4) == 0;
  file.erase(file.begin(), file.begin() + kRiffHeader + (extended ? kChunkHeader + 10 : 0));
  return file;
}

Bytes frame(const Samples& samples, int x, int y) {
  Bytes payload;
  put_number(payload, static_cast<std::size_t>(x / 2), 3);
  put_number(payload, static_cast<std::size_t>(y / 2), 3);
  put_number(payload, static_cast<std::size_t>(samples.width - 1), 3);
  put_number(payload, static_cast<std::size_t>(samples.height - 1), 3);
  put_number(payload, 100, 3);
  payload.push_back(0);
  const Bytes chunk = image_chunk(samples, false);
  payload.insert(payload.end(), chunk.begin(), chunk.end());
  return payload;
}

}  // namespace

Bytes webp(const Samples& samples, bool lossy, const Bytes& exif) {
  const Bytes image = image_chunk(samples, lossy);
  if (exif.empty() && !(lossy && samples.channels == 4)) {
    return riff(image);
  }
  const unsigned flags = (exif.empty() ? 0U : kHasExif) | (samples.channels == 4 ? kHasAlpha : 0U);
  Bytes chunks;
  put_chunk(chunks, "VP8X", extended_header(static_cast<std::uint8_t>(flags), samples.width, samples.height));
  chunks.insert(chunks.end(), image.begin(), image.end());
  if (!exif.empty()) {
    put_chunk(chunks, "EXIF", exif);
  }
  return riff(chunks);
}

Bytes webp_animation(int canvas_width, int canvas_height, const Samples& first, int x, int y,
                     const Samples& second) {
  Bytes chunks;
  put_chunk(chunks, "VP8X", extended_header(kHasAnimation | kHasAlpha, canvas_width, canvas_height));
  put_chunk(chunks, "ANIM", {0, 0, 0, 0, 0, 0});
  put_chunk(chunks, "ANMF", frame(first, x, y));
  put_chunk(chunks, "ANMF", frame(second, 0, 0));
  return riff(chunks);
}

}  // namespace pictures
