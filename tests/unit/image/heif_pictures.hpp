// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "image/pictures.hpp"
#include "support/files.hpp"

/// HEIC and AVIF pictures of tests/data/heif, and the module that decodes them.
namespace pictures {

inline const std::filesystem::path kModules = FACESEARCH_BINARY_DIR "/lib/facesearch";

inline Bytes heif(const std::string& name) {
  return facesearch::test::contents<Bytes>(FACESEARCH_SOURCE_DIR "/tests/data/heif/" + name);
}

}  // namespace pictures
