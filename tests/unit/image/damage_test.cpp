// SPDX-License-Identifier: MIT
#include <optional>
#include <random>
#include <string>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/heif_pictures.hpp"

using facesearch::decode;
using facesearch::Error;
using facesearch::Image;
using facesearch::ImageLimits;
using pictures::Bytes;
using pictures::JpegKind;

namespace {

constexpr int kMutations = 3000;  // of each picture
constexpr ImageLimits kTiny{1U << 16U, 1U << 14U, 1024};

struct Sample {
  const char* name;
  Bytes bytes;
};

std::vector<Sample> all_kinds() {
  const Bytes exif = pictures::exif(6, true);
  const pictures::Samples rgb = pictures::noise(23, 17, 3);
  const pictures::Samples rgba = pictures::noise(23, 17, 4);
  const pictures::Samples small = pictures::noise(8, 6, 4, 3);
  const Bytes palette = pictures::noise(16, 1, 3).values;
  return {
      {"JPEG 4:2:0", pictures::jpeg(rgb, JpegKind::kYcc420, exif)},
      {"JPEG progressive", pictures::jpeg(rgb, JpegKind::kProgressive)},
      {"JPEG YCCK", pictures::jpeg(rgba, JpegKind::kYcck)},
      {"JPEG in scans", pictures::jpeg(rgb, JpegKind::kScans)},
      {"PNG RGBA", pictures::png(23, 17, rgba.values, {.color = 6, .exif = exif})},
      {"PNG palette, interlaced",
       pictures::png(23, 17, pictures::noise(12, 17, 1).values,
                     {.color = 3, .depth = 4, .interlaced = true, .palette = palette, .alphas = {9, 99}})},
      {"WebP lossless", pictures::webp(rgba, false, exif)},
      {"WebP lossy", pictures::webp(rgb, true)},
      {"WebP lossy with alpha", pictures::webp(rgba, true, exif)},
      {"WebP animation", pictures::webp_animation(23, 17, small, 2, 4, rgba)},
      {"HEIC", pictures::heif("pattern.heic")},
      {"HEIC of 10 bits", pictures::heif("pattern10.heic")},
      {"HEIC with alpha", pictures::heif("alpha.heic")},
      {"HEIC in tiles", pictures::heif("grid.heic")},
      {"AVIF", pictures::heif("pattern.avif")},
      {"AVIF of 10 bits", pictures::heif("pattern10.avif")},
      {"AVIF with alpha", pictures::heif("alpha.avif")},
  };
}

// The picture, or nothing where it was refused as it must be; anything else fails the test.
std::optional<Image> attempt(const Bytes& bytes) {
  try {
    Image image = decode(bytes, kTiny, pictures::kModules);
    const std::size_t size =
        std::size_t{3} * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    if (image.width < 1 || image.height < 1 || image.pixels.size() != size) {
      FAIL("a picture whose size is wrong");
    }
    return image;
  } catch (const Error& error) {
    if (error.reason().rfind("IMAGE_", 0) != 0 || error.detail().empty()) {
      FAIL("an error without a reason");
    }
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("a picture cut off anywhere is refused, a JPEG unless it has every pixel") {
  for (const Sample& sample : all_kinds()) {
    CAPTURE(sample.name);
    const std::optional<Image> whole = attempt(sample.bytes);
    REQUIRE(whole);
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      CAPTURE(size);
      // A buffer of its own, so that a sanitizer sees a read behind it.
      const Bytes cut(sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const std::optional<Image> image = attempt(cut);
      const bool may_lack_its_end =
          std::string(sample.name).starts_with("JPEG") && size + 4 > sample.bytes.size();
      if (!may_lack_its_end) REQUIRE_FALSE(image);
      if (image) REQUIRE(image->pixels == whole->pixels);
    }
  }
}

TEST_CASE("a picture with damaged bytes is decoded or refused") {
  std::mt19937 random(20240607);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  for (const Sample& sample : all_kinds()) {
    int refused = 0;
    for (int i = 0; i < kMutations; ++i) {
      Bytes bytes = sample.bytes;
      const unsigned changes = 1 + random() % 4;
      for (unsigned change = 0; change < changes; ++change) {
        // Half of the changes are in the headers.
        const std::size_t range = random() % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 100);
        bytes[random() % range] = static_cast<std::uint8_t>(random());
      }
      if (!attempt(bytes)) {
        ++refused;
      }
    }
    CAPTURE(sample.name);
    CHECK(refused > kMutations / 10);
  }
}
