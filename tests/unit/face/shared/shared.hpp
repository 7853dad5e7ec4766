// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include "../real.hpp"

/// The pack `mobilefacenet` and the pictures beside the project (FACESEARCH_SHARED).
namespace shared {

inline facesearch::FaceEngine& engine() {
  return real::engine("mobilefacenet");
}

/// A picture of data/photographs, by its name without ".jpg".
inline facesearch::Image photograph(const std::string& name) {
  return real::picture(std::filesystem::path(FACESEARCH_SHARED_DIR) / "data/photographs" / (name + ".jpg"));
}

/// All of them, sorted.
inline std::vector<std::filesystem::path> photographs() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FACESEARCH_SHARED_DIR "/data/photographs")) {
    if (entry.path().extension() == ".jpg") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

inline facesearch::Template template_of(const facesearch::Image& image) {
  return real::template_of(engine(), image);
}

}  // namespace shared
