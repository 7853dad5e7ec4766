// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace facesearch {

/// What a picture may have; checked from its header, before a pixel is decoded. A collection may ask
/// for less, never for more than these defaults.
struct ImageLimits {
  std::uint64_t max_bytes = 20ULL << 20;
  std::uint64_t max_pixels = 50'000'000;
  std::uint32_t max_side = 16'384;

  bool operator==(const ImageLimits&) const = default;
};

inline constexpr std::size_t kMaxRequestBytes = 64ULL << 20;  ///< of one request document
inline constexpr std::size_t kMaxRequestDepth = 32;           ///< nesting of one request document
inline constexpr std::size_t kMaxTemplateText = 64UL << 10;   ///< base64 of a template
inline constexpr std::size_t kMaxNameBytes = 1024;            ///< userName, requestName
inline constexpr std::size_t kMaxMetadataEntries = 64;
inline constexpr std::size_t kMaxMetadataBytes = 16'384;  ///< keys and values together
inline constexpr std::size_t kFacesPerPage = 50;          ///< contract: face list
inline constexpr std::size_t kPersonsPerPage = 50;        ///< person list
inline constexpr std::size_t kMaxPersonsPerPage = 1'000;  ///< its --limit
/// Pages beyond this are empty as well, and their offset still fits.
inline constexpr std::uint64_t kLastPage = UINT64_MAX / kFacesPerPage;
inline constexpr std::size_t kMinTermLength = 5;        ///< contract: face list
inline constexpr std::size_t kDefaultCandidates = 100;  ///< contract: search --limit
inline constexpr std::size_t kMaxCandidates = 10'000;
inline constexpr std::size_t kMaxFacesOfPicture = 500;          ///< that one request takes
inline constexpr std::size_t kMaxCandidatesOfPicture = 50'000;  ///< of all its faces
inline constexpr std::size_t kMaxCollections = 256;             ///< that one search or merge takes

/// What is_collection_id() asks for, in the words of every error that refuses one.
inline constexpr std::string_view kCollectionIdRule =
    "1 to 128 of A-Z a-z 0-9 _ . -, the first a letter or a digit";

}  // namespace facesearch
