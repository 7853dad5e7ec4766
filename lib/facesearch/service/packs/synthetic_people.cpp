// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/synthetic_people.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::service {
namespace {

constexpr std::uint64_t kMostPeopleBytes = 64U << 20U;

}  // namespace

SyntheticPeople::SyntheticPeople(const std::filesystem::path& file) {
  if (auto bytes = read_bounded(file, kMostPeopleBytes)) bytes_ = std::move(*bytes);
  // The start of a JPEG. Within one it cannot be: a 0xff of its data is followed by 0, and it has no
  // thumbnail.
  constexpr std::array<std::uint8_t, 3> kStart{0xff, 0xd8, 0xff};
  for (auto at = bytes_.begin();; ++at) {
    at = std::search(at, bytes_.end(), kStart.begin(), kStart.end());
    starts_.push_back(static_cast<std::size_t>(at - bytes_.begin()));
    if (at == bytes_.end()) break;
  }
  if (count() > 0) return;
  throw Error(Cause::kModelMissing, "MODEL_FILE_MISSING",
              fmt::format("{}, which has the faces for a provisional calibration, cannot be read or has no "
                          "picture; install the program again",
                          file.string()));
}

std::span<const std::uint8_t> SyntheticPeople::picture(std::size_t number) const {
  return std::span(bytes_).subspan(starts_.at(number), starts_.at(number + 1) - starts_.at(number));
}

std::filesystem::path people_file(const PackPlaces& places) {
  return places.catalog / "people" / "people.mjpeg";
}

}  // namespace facesearch::service
