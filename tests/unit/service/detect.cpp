// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/detect.hpp"

#include "catch.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {

TEST_CASE("every face is reported, largest first, with quality and liveness", "[detect]") {
  World world;
  const auto bytes = picture(300, 100, {{10, 10, 20, 10, 51}, {60, 20, 60, 20, 204}, {200, 10, 5, 30}});
  const auto result = service::detect(*world.engines, "fake", bytes);
  CHECK(result.width == 300);
  CHECK(result.height == 100);
  CHECK(result.found_by == "first");
  REQUIRE(result.faces.size() == 3);
  CHECK(result.faces[0].face.box.x == 60);
  CHECK(result.faces[1].face.box.x == 10);
  CHECK(result.faces[2].face.box.width == 5);
  CHECK(result.faces[0].quality.brightness > 50);
  REQUIRE(result.faces[0].liveness);
  CHECK(result.faces[0].liveness->score == Approx(80));
  CHECK(result.faces[1].liveness->score == Approx(20));
}

TEST_CASE("no face is no fault, and no liveness network gives no liveness", "[detect]") {
  World world;
  world.install({.name = "blind", .liveness = false, .calibrated = false});
  const auto none = service::detect(*world.engines, "fake", picture(60, 40, {}));
  CHECK(none.faces.empty());
  CHECK(none.found_by.empty());
  CHECK(none.width == 60);
  const auto blind = service::detect(*world.engines, "blind", portrait(10));
  REQUIRE(blind.faces.size() == 1);
  CHECK_FALSE(blind.faces[0].liveness);
}

TEST_CASE("what is no picture and what is no pack are told apart", "[detect]") {
  World world;
  const auto fault = [&](const char* pack, const std::vector<std::uint8_t>& bytes) {
    return fault_of([&] { service::detect(*world.engines, pack, bytes); });
  };
  auto truncated = portrait(10);
  truncated.resize(truncated.size() / 2);
  CHECK(fault("fake", {}).is(Cause::kImageRequired, ""));
  CHECK(fault("fake", {1, 2, 3}).is(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN"));
  CHECK(fault("fake", truncated).is(Cause::kImageUnsupported, "IMAGE_UNDECODABLE"));
  CHECK(fault("nobody", portrait(10)).is(Cause::kModelMissing, "PACK_NOT_FOUND"));
}

}  // namespace facesearch::test
