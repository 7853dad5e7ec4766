// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "facesearch/face/pack/pack.hpp"

namespace facesearch::service {

/// The people who do not exist that come with the program (models/people): one picture of each, and no two of
/// them are one person. JPEGs one after the other (Motion JPEG).
class SyntheticPeople {
 public:
  /// Throws Error(kModelMissing, MODEL_FILE_MISSING) where the file cannot be read or holds no picture.
  explicit SyntheticPeople(const std::filesystem::path& file);

  std::size_t count() const { return starts_.size() - 1; }

  /// The picture of the person with this number, from 0.
  std::span<const std::uint8_t> picture(std::size_t number) const;

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<std::size_t> starts_;  // of each picture, and the end of the last
};

/// Where the program has them.
std::filesystem::path people_file(const PackPlaces& places);

}  // namespace facesearch::service
