// SPDX-License-Identifier: MIT
#include "service/picture.hpp"

#include <algorithm>
#include <string_view>

namespace facesearch::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put_big_endian(Bytes& out, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t crc32(const Bytes& bytes, std::size_t from) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = from; i < bytes.size(); ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::uint32_t adler32(const Bytes& bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b << 16U) | a;
}

void put_chunk(Bytes& png, std::string_view type, const Bytes& data) {
  put_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const std::size_t checked = png.size();
  png.insert(png.end(), type.begin(), type.end());
  png.insert(png.end(), data.begin(), data.end());
  put_big_endian(png, crc32(png, checked));
}

// A zlib stream of stored blocks: nothing is compressed.
Bytes stored(const Bytes& raw) {
  constexpr std::size_t kBlock = 65535;
  Bytes out{0x78, 0x01};
  for (std::size_t at = 0; at < raw.size(); at += kBlock) {
    const std::size_t size = std::min(kBlock, raw.size() - at);
    out.push_back(at + size == raw.size() ? 1 : 0);
    for (const std::size_t length : {size, ~size}) {
      out.push_back(static_cast<std::uint8_t>(length));
      out.push_back(static_cast<std::uint8_t>(length >> 8U));
    }
    const auto first = raw.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  put_big_endian(out, adler32(raw));
  return out;
}

}  // namespace

Bytes picture(int width, int height, const std::vector<PaintedFace>& faces, bool upright) {
  const auto row = 1 + 3 * static_cast<std::size_t>(width);  // a filter byte (none), then RGB
  Bytes raw(row * static_cast<std::size_t>(height));
  for (const PaintedFace& face : faces) {
    for (int y = face.y; y < face.y + face.size; ++y) {
      for (int x = face.x; x < face.x + face.size; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * row + 1 + 3 * static_cast<std::size_t>(x);
        raw.at(at) = face.who;
        raw.at(at + 1) = face.alive;
        raw.at(at + 2) = face.seen;
      }
    }
  }
  if (!upright) raw.at(3) = 255;  // the mark: the blue of the first pixel
  Bytes png{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  Bytes header;
  put_big_endian(header, static_cast<std::uint32_t>(width));
  put_big_endian(header, static_cast<std::uint32_t>(height));
  header.insert(header.end(), {8, 2, 0, 0, 0});  // 8 bits, RGB
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", stored(raw));
  put_chunk(png, "IEND", {});
  return png;
}

Bytes portrait(std::uint8_t who, std::uint8_t alive) {
  return picture(120, 120, {{30, 30, 60, who, alive}});
}

}  // namespace facesearch::test
