// SPDX-License-Identifier: MIT
#include <random>

#include "catch.hpp"
#include "facesearch/face/pipeline/rotation.hpp"

using facesearch::Box;
using facesearch::Image;
using facesearch::Point;

namespace {

Image random_image(int width, int height) {
  std::mt19937 random(7);
  Image image{width, height, {}};
  for (int i = 0; i < 3 * width * height; ++i) image.pixels.push_back(static_cast<std::uint8_t>(random()));
  return image;
}

}  // namespace

TEST_CASE("points turn as the pixels of the picture do") {
  const Image image = random_image(7, 4);
  for (int turns = 0; turns < 4; ++turns) {
    const Image view = facesearch::turned(image, turns);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        // The middle of a pixel comes to lie in the middle of the pixel that has its colour.
        const Point p = facesearch::turned_point({x + 0.5, y + 0.5}, image.width, image.height, turns);
        const std::uint8_t* was = image.at(x, y);
        const std::uint8_t* is = view.at(static_cast<int>(p.x), static_cast<int>(p.y));
        CHECK((was[0] == is[0] && was[1] == is[1] && was[2] == is[2]));
      }
    }
  }
}

TEST_CASE("a box turned and turned back is itself") {
  const Box box{-3, 5, 20, 11};
  for (int turns = 0; turns < 4; ++turns) {
    const bool lying = turns % 2 == 1;
    const Box turned = facesearch::turned_box(box, 100, 60, turns);
    CHECK(turned.width == (lying ? 11 : 20));
    const Box back = facesearch::turned_box(turned, lying ? 60 : 100, lying ? 100 : 60, (4 - turns) % 4);
    CHECK(back.x == Approx(box.x));
    CHECK(back.y == Approx(box.y));
    CHECK(back.width == Approx(box.width));
    CHECK(back.height == Approx(box.height));
  }
}

TEST_CASE("averaging and cutting against their definitions") {
  const Image image = random_image(11, 8);
  const Image cut = facesearch::cut(image, 2, 3, 5, 4);
  REQUIRE(cut.pixels.size() == 3U * 5 * 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 5; ++x) CHECK(std::equal(cut.at(x, y), cut.at(x, y) + 3, image.at(x + 2, y + 3)));
  }
  const Image small = facesearch::averaged(image, 3);
  REQUIRE((small.width == 3 && small.height == 2));
  REQUIRE(small.pixels.size() == 3U * 3 * 2);
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        double sum = 0;
        for (int i = 0; i < 9; ++i) sum += image.at(3 * x + i % 3, 3 * y + i / 3)[channel];
        CHECK(std::abs(small.at(x, y)[channel] - sum / 9) <= 0.5);
      }
    }
  }
  CHECK(facesearch::averaged(image, 1).pixels == image.pixels);
}
