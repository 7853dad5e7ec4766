// SPDX-License-Identifier: MIT
#include <algorithm>

#include "catch.hpp"
#include "extent.hpp"
#include "face/real.hpp"

using namespace facesearch;

namespace {

// A pack of the catalogue whose files lie beside the project and in Debian's libdlib-data.
FaceEngine engine(const char* name) {
  Pack pack = find_pack({.models = FACESEARCH_SHARED_DIR "/models",
                         .catalog = FACESEARCH_SOURCE_DIR "/models",
                         .made = FACESEARCH_BINARY_DIR "/share/facesearch/networks"},
                        name);
  pack.files.emplace_back("/usr/share/dlib");
  return {std::move(pack), real::runtimes()};
}

// How many of the people's second photographs are most like their first.
int first_places(FaceEngine& engine, int people) {
  std::vector<Template> gallery;
  for (int person = 1; person <= people; ++person)
    gallery.push_back(real::template_of(engine, real::person(person, 1)));
  int right = 0;
  for (int person = 1; person <= people; ++person) {
    const Template probe = real::template_of(engine, real::person(person, 2));
    const auto best =
        std::max_element(gallery.begin(), gallery.end(), [&](const Template& a, const Template& b) {
          return real::cosine(probe, a) < real::cosine(probe, b);
        });
    if (best - gallery.begin() == person - 1) ++right;
  }
  return right;
}

}  // namespace

TEST_CASE("dlib's DenseNet knows the sample people") {
  FaceEngine densenet = engine("dlib-densenet");
  const int people = test::full_extent() ? 20 : 7;
  CHECK(first_places(densenet, people) >= people - 1);
}

TEST_CASE("the smallest and thinnest pictures show nobody") {
  FaceEngine mmod = engine("dlib-mmod");
  for (const auto& [width, height] : {std::pair{1, 1}, {12, 12}, {90, 11}}) {
    INFO(width << "x" << height);
    const Image image{width, height,
                      std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width * height), 90)};
    CHECK(mmod.find_faces(image).faces.empty());
  }
}

TEST_CASE("dlib's convolutional detector finds the sample people where the other one does") {
  FaceEngine mmod = engine("dlib-mmod");
  FaceEngine hog = engine("dlib-densenet");
  for (int person = 1; person <= (test::full_extent() ? 2 : 1); ++person) {
    const Image image = real::person(person, 1);
    const FaceScene scene = mmod.find_faces(image);
    REQUIRE(scene.faces.size() == 1);
    const Box box = scene.faces[0].box;
    const Box other = hog.find_faces(image).faces.at(0).box;
    CHECK(std::abs(box.centre().x - other.centre().x) < 0.2 * box.width);
    CHECK(std::abs(box.centre().y - other.centre().y) < 0.2 * box.width);
    CHECK(real::cosine(real::template_of(mmod, image), real::template_of(hog, image)) > 0.8);
  }
}
