// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/synthetic_people.hpp"

#include "catch.hpp"
#include "facesearch/image/decode.hpp"
#include "service/world.hpp"

namespace facesearch::test {

using service::SyntheticPeople;

TEST_CASE("the program's synthetic people are a thousand pictures of 160 pixels", "[calibrate]") {
  const SyntheticPeople people(service::people_file({.catalog = FACESEARCH_SOURCE_DIR "/models"}));
  CHECK(people.count() >= 900);
  for (std::size_t i = 0; i < people.count(); i += 37) {
    INFO(i);
    const Image image = decode(people.picture(i), {}, {});
    CHECK((image.width == 160 && image.height == 160));
  }
}

TEST_CASE("a file of synthetic people that is missing or has no picture is refused by its name",
          "[calibrate]") {
  const auto fault = [](const std::filesystem::path& file) {
    return fault_of([&] { SyntheticPeople{file}; });
  };
  CHECK(fault("/nowhere/people.mjpeg").is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
  CHECK(fault("/nowhere/people.mjpeg").says("/nowhere/people.mjpeg"));
  CHECK(fault("/dev/null").is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
}

}  // namespace facesearch::test
