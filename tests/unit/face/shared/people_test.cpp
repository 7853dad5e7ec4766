// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "facesearch/face/quality.hpp"
#include "real.hpp"

using facesearch::FaceScene;
using facesearch::Image;
using facesearch::Template;

TEST_CASE("sample people: found, of basic quality, too close for liveness, told apart") {
  const std::vector<std::string> files = real::pictures("sample-people");
  REQUIRE(files.size() == 80);
  std::vector<Template> templates;
  for (const std::string& file : files) {
    const Image image = real::picture(file);
    const FaceScene scene = real::engine().find_faces(image);
    INFO(file);
    REQUIRE(scene.faces.size() == 1);
    CHECK(scene.quarter_turns == 0);
    const Image chip = real::engine().align(image, scene.faces[0]);
    const auto quality = facesearch::measure_quality(image, scene.faces[0], chip);
    CHECK_NOTHROW(facesearch::require_quality(scene.faces[0], quality, facesearch::QualityLevel::kBasic, 32));
    CHECK_FALSE(real::engine().liveness(image, scene, scene.faces[0]).certain);
    templates.push_back(real::engine().embed(chip));
    REQUIRE(templates.back().size() == 128);
    CHECK(real::cosine(templates.back(), templates.back()) == Approx(1).margin(1e-5));
  }
  double mates = 1;
  double others = -1;
  for (std::size_t a = 0; a < files.size(); ++a) {
    for (std::size_t b = a + 1; b < files.size(); ++b) {
      const bool same = files[a].substr(0, files[a].rfind('-')) == files[b].substr(0, files[b].rfind('-'));
      const double cosine = real::cosine(templates[a], templates[b]);
      if (same) mates = std::min(mates, cosine);
      if (!same) others = std::max(others, cosine);
    }
  }
  // Measured 0.830 and 0.354: the detector sees all 400 pixels here. shared/data/README.md has 0.77 and 0.31.
  CHECK(mates >= 0.82);
  CHECK(others <= 0.36);
}

TEST_CASE("LFW: a face is found in every picture, upright, of basic quality") {
  const std::vector<std::string> files = real::pictures("lfw-dev/images");
  REQUIRE(files.size() > 3500);
  std::size_t missed = 0;
  for (std::size_t i = 0; i < files.size(); i += 12) {
    const Image image = real::picture(files[i]);
    const FaceScene scene = real::engine().find_faces(image);
    if (scene.faces.empty()) ++missed;
    if (scene.faces.empty()) continue;
    INFO(files[i]);
    CHECK(scene.quarter_turns == 0);
    const auto quality =
        facesearch::measure_quality(image, scene.faces[0], real::engine().align(image, scene.faces[0]));
    CHECK_NOTHROW(facesearch::require_quality(scene.faces[0], quality, facesearch::QualityLevel::kBasic, 32));
  }
  CHECK(missed == 0);
}

TEST_CASE("the numbers of a face stay the same, in this engine and another") {
  const Image image = real::picture("sample-people/person01-1.jpg");
  const FaceScene scene = real::engine().find_faces(image);
  const Template first = real::template_of(image);
  // Pictures of other sizes in between must leave no trace in the networks.
  real::template_of(real::picture("photographs/faceapi_amy1.jpg"));
  CHECK(real::template_of(image) == first);
  facesearch::FaceEngine other(real::pack(), real::table());
  const FaceScene again = other.find_faces(image);
  CHECK(again.faces.at(0).box.x == scene.faces.at(0).box.x);
  CHECK(again.faces.at(0).score == scene.faces.at(0).score);
  CHECK(other.embed(other.align(image, again.faces.at(0))) == first);
}
