// SPDX-License-Identifier: MIT
#include <cmath>

#include "catch.hpp"
#include "facesearch/core/calibration.hpp"
#include "facesearch/face/pipeline/quality.hpp"
#include "facesearch/face/pipeline/rotation.hpp"
#include "real.hpp"

using facesearch::FaceScene;
using facesearch::Image;
using facesearch::Template;

namespace {

constexpr int kPeople = 20;
constexpr int kPhotographs = 4;

// The picture turned about its middle, shrunk so that nothing is cut off.
Image leaning(const Image& image, double degrees) {
  const double angle = degrees / 180 * 3.14159265358979323846;
  const facesearch::Landmarks from{{{100, 100}, {300, 100}, {200, 200}, {100, 300}, {300, 300}}};
  facesearch::AlignmentSpec to{image.width, image.height, {}};
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = 0.7 * (from.at(i).x - 200);
    const double y = 0.7 * (from.at(i).y - 200);
    to.landmarks.at(i) = {200 + std::cos(angle) * x - std::sin(angle) * y,
                          200 + std::sin(angle) * x + std::cos(angle) * y};
  }
  return real::align(image, from, to);
}

}  // namespace

TEST_CASE("sample people: found, of basic quality, told apart") {
  std::vector<Template> templates;
  for (int i = 0; i < kPeople * kPhotographs; ++i) {
    const Image image = real::person(1 + i / kPhotographs, 1 + i % kPhotographs);
    FaceScene scene = real::engine().find_faces(image);
    INFO("person " << 1 + i / kPhotographs << " photograph " << 1 + i % kPhotographs);
    REQUIRE(scene.faces.size() == 1);
    CHECK(scene.quarter_turns == 0);
    real::engine().place_landmarks(image, scene.faces[0]);
    const Image chip = real::engine().align(image, scene.faces[0]);
    const auto quality = facesearch::measure_quality(image, scene.faces[0], chip);
    CHECK_NOTHROW(facesearch::require_quality(scene.faces[0], quality, facesearch::QualityLevel::kBasic, 32));
    templates.push_back(real::engine().embed(chip));
    REQUIRE(templates.back().size() == 128);
    CHECK(real::cosine(templates.back(), templates.back()) == Approx(1).margin(1e-5));
  }
  const auto cosines = real::pack().calibration->cosine_at_fmr;
  const double one_in_10000 = cosines.at(3);
  const double one_in_100000 = cosines.at(4);
  int false_matches = 0;
  for (std::size_t a = 0; a < templates.size(); ++a) {
    for (std::size_t b = a + 1; b < templates.size(); ++b) {
      const double cosine = real::cosine(templates[a], templates[b]);
      INFO("pictures " << a << " and " << b);
      const bool mates = a / kPhotographs == b / kPhotographs;
      CHECK((mates ? cosine > one_in_10000 : cosine < one_in_100000));
      if (!mates && cosine > one_in_10000) ++false_matches;
    }
  }
  CHECK(false_matches <= 1);  // of 3,040 pairs
}

TEST_CASE("the numbers of a face stay the same, in this engine and another") {
  const Image image = real::person(1, 1);
  const FaceScene scene = real::engine().find_faces(image);
  const Template first = real::template_of(real::engine(), image);
  // Pictures of other sizes in between must leave no trace in the networks.
  real::template_of(real::engine(), facesearch::cut(real::person(2, 2), 30, 10, 340, 380));
  CHECK(real::template_of(real::engine(), image) == first);
  facesearch::FaceEngine other(real::pack(), real::runtimes());
  const FaceScene again = other.find_faces(image);
  CHECK(again.faces.at(0).box.x == scene.faces.at(0).box.x);
  CHECK(again.faces.at(0).score == scene.faces.at(0).score);
  CHECK(real::template_of(other, image) == first);
}

TEST_CASE("a turned person is the same person") {
  const Image image = real::person(3, 1);
  const Template upright = real::template_of(real::engine(), image);
  for (int turns = 1; turns <= 3; ++turns) {
    const Image view = facesearch::turned(image, turns);
    INFO("turned " << turns);
    CHECK(real::engine().find_faces(view).quarter_turns == 4 - turns);
    CHECK(real::cosine(upright, real::template_of(real::engine(), view)) > 0.9);
  }
}

TEST_CASE("a face that fills its picture is too close for liveness") {
  const Image image = real::person(1, 1);
  const FaceScene scene = real::engine().find_faces(image);
  facesearch::DetectedFace face = scene.faces.at(0);
  face.box = {0, 0, 400, 400};
  CHECK_FALSE(real::engine().liveness(image, scene, face).certain);
}

TEST_CASE("liveness: a person is accepted, the same on a screen is refused, turned or not") {
  const std::filesystem::path folder = FACESEARCH_SOURCE_DIR "/tests/data/pictures";
  for (const bool live : {true, false}) {
    const Image upright = real::picture(folder / (live ? "garden.jpg" : "screen.jpg"));
    for (int turns = 0; turns <= 3; ++turns) {
      const Image view = facesearch::turned(upright, turns);
      const FaceScene scene = real::engine().find_faces(view);
      REQUIRE(scene.faces.size() == 1);
      const facesearch::LivenessResult result = real::engine().liveness(view, scene, scene.faces[0]);
      INFO((live ? "live" : "screen") << " turned " << turns << ": " << result.score);
      CHECK(result.certain);
      CHECK((result.score >= 50) == live);
    }
  }
}

TEST_CASE("a leaning head is the same person and nobody else") {
  const double one_in_10000 = real::pack().calibration->cosine_at_fmr.at(3);
  std::vector<Template> upright;
  for (int person = 1; person <= 5; ++person) {
    upright.push_back(real::template_of(real::engine(), real::person(person, 1)));
  }
  for (const double degrees : {-45.0, -30.0, -15.0, 15.0, 30.0, 45.0}) {
    for (std::size_t person = 0; person < upright.size(); ++person) {
      const Image view = leaning(real::person(static_cast<int>(person) + 1, 2), degrees);
      const Template probe = real::template_of(real::engine(), view);
      for (std::size_t other = 0; other < upright.size(); ++other) {
        const double cosine = real::cosine(probe, upright[other]);
        INFO("person " << person + 1 << " turned by " << degrees << " beside " << other + 1 << ": "
                       << cosine);
        if (person != other) CHECK(cosine < one_in_10000);
        // Half-way to lying a head may be taken for one that lies; then it is nobody.
        if (person == other && std::abs(degrees) <= 30) CHECK(cosine > one_in_10000);
      }
    }
  }
}
