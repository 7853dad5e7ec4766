// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "facesearch/image/image.hpp"

namespace facesearch {

/// The bytes of a file of this picture: pixels alone, no EXIF, no profile, no text. Both sides are at most
/// 65,500, which is JPEG's limit. Throws std::bad_alloc; Error(kInternal) if the library refuses the picture.
std::string encode_jpeg(const Image& image);
std::string encode_png(const Image& image);

/// The encoder that the ending of a file's name asks for: .jpg, .jpeg or .png, in any case of letters; else
/// null.
using Encoder = std::string (*)(const Image& image);
Encoder encoder_for(std::string_view extension);

}  // namespace facesearch
