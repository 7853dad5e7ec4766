// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "facesearch/core/limits.hpp"
#include "facesearch/image/formats.hpp"

namespace facesearch {

/// "HEIC" or "AVIF" by the brands with which a file begins, empty for any other file. Brands that leave open
/// how pixels are coded (mif1, msf1) count as the compatible brands say, and as HEIC where these are silent.
std::string_view heif_format(std::span<const std::uint8_t> file);

/// The decoder of the module: throws as decode(). `format` is heif_format's, for the error's words.
using HeifDecode = StoredPicture (*)(std::span<const std::uint8_t> file, const ImageLimits& limits,
                                     const char* format);

/// Name of the one symbol the module exports: `extern "C" HeifDecode facesearch_heif_v1()`.
inline constexpr const char* kHeifSymbol = "facesearch_heif_v1";

/// Loads `modules`/facesearch-heif.so (never unloaded) and decodes with it. Throws as decode();
/// Error(kImageUnsupported, IMAGE_DECODER_MISSING) if it cannot be loaded.
StoredPicture decode_heif(std::span<const std::uint8_t> file, const ImageLimits& limits,
                          const std::filesystem::path& modules);

}  // namespace facesearch
