// SPDX-License-Identifier: MIT
// HEIC and AVIF: which of them a file is, by the brands of its first box, and the loading of the module that
// decodes both (heif/). Other pictures load no codec of a video.
#include "facesearch/image/heif_module.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/shared_module.hpp"

namespace facesearch {
namespace {

constexpr std::size_t kBrandBytes = 4;

std::string_view brand_at(std::span<const std::uint8_t> file, std::size_t offset) {
  return {reinterpret_cast<const char*>(file.data()) + offset, kBrandBytes};
}

// Pictures and sequences of pictures, coded as HEVC.
bool is_heic(std::string_view brand) {
  constexpr std::array<std::string_view, 8> kBrands = {"heic", "heix", "heim", "heis",
                                                       "hevc", "hevx", "hevm", "hevs"};
  return std::ranges::find(kBrands, brand) != kBrands.end();
}

bool is_avif(std::string_view brand) {
  return brand == "avif" || brand == "avis";
}

}  // namespace

std::string_view heif_format(std::span<const std::uint8_t> file) {
  constexpr std::size_t kMajor = 8;
  constexpr std::size_t kCompatible = 16;
  constexpr std::size_t kMostBytes = 256;
  if (file.size() < kMajor + kBrandBytes || brand_at(file, kBrandBytes) != "ftyp") return "";
  const std::string_view major = brand_at(file, kMajor);
  if (is_heic(major)) return "HEIC";
  if (is_avif(major)) return "AVIF";
  if (major != "mif1" && major != "msf1") return "";
  std::size_t size = 0;
  for (std::size_t i = 0; i < kBrandBytes; ++i) size = size << 8U | file[i];
  size = std::min({size, file.size(), kMostBytes});
  for (std::size_t at = kCompatible; at + kBrandBytes <= size; at += kBrandBytes) {
    if (is_heic(brand_at(file, at))) return "HEIC";
    if (is_avif(brand_at(file, at))) return "AVIF";
  }
  return "HEIC";
}

StoredPicture decode_heif(std::span<const std::uint8_t> file, const ImageLimits& limits,
                          const std::filesystem::path& modules) {
  const std::string format(heif_format(file));
  const auto decoder = [&] {
    try {
      using GetDecode = HeifDecode (*)();
      void* symbol = symbol_of_module(modules / "facesearch-heif.so", kHeifSymbol, "decodes HEIC and AVIF");
      return reinterpret_cast<GetDecode>(symbol)();
    } catch (const Error& error) {
      throw Error(Cause::kImageUnsupported, "IMAGE_DECODER_MISSING",
                  fmt::format("it is {} {} picture, but {}; install libheif1, or save the picture as JPEG",
                              format == "AVIF" ? "an" : "a", format, error.detail()));
    }
  }();
  return decoder(file, limits, format.c_str());
}

}  // namespace facesearch
