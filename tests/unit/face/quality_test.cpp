// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/quality.hpp"

#include <cmath>
#include <random>

#include "made_pack.hpp"

using facesearch::Box;
using facesearch::DetectedFace;
using facesearch::Error;
using facesearch::Image;
using facesearch::Landmarks;
using facesearch::measure_quality;
using facesearch::Point;
using facesearch::Quality;
using facesearch::QualityLevel;

namespace {

Image chip_of(std::uint8_t (*pixel)(int x, int y)) {
  Image chip{112, 112, {}};
  for (int y = 0; y < 112; ++y) {
    for (int x = 0; x < 112; ++x) chip.pixels.insert(chip.pixels.end(), 3, pixel(x, y));
  }
  return chip;
}

const Landmarks kStraight{{{38.3, 51.6}, {73.5, 51.6}, {55.9, 74}, {41.5, 92.3}, {70.3, 92.3}}};

Quality measured(const Image& chip, const Box& box = {20, 20, 60, 80}, const Landmarks& marks = kStraight) {
  return measure_quality({100, 200, {}}, {box, 0.9, marks}, chip);
}

// Eyes, nose tip and mouth corners of a head 1 wide between the eyes, turned, seen from far away.
Landmarks head(double yaw, double pitch, double roll) {
  const double d = 3.14159265358979 / 180;
  const double points[5][3] = {{-0.5, 0, 0}, {0.5, 0, 0}, {0, 0.635, 0.5}, {-0.4, 1.155, 0}, {0.4, 1.155, 0}};
  Landmarks marks;
  for (std::size_t i = 0; i < 5; ++i) {
    // z comes out of the face towards the camera, y goes down.
    const double x1 = points[i][0] * std::cos(yaw * d) + points[i][2] * std::sin(yaw * d);
    const double z1 = -points[i][0] * std::sin(yaw * d) + points[i][2] * std::cos(yaw * d);
    const double y2 = points[i][1] * std::cos(pitch * d) - z1 * std::sin(pitch * d);
    marks.at(i) = {100 * (x1 * std::cos(roll * d) - y2 * std::sin(roll * d)),
                   100 * (x1 * std::sin(roll * d) + y2 * std::cos(roll * d))};
  }
  return marks;
}

Quality good() {
  Quality quality;
  quality.sharpness = 300;
  quality.brightness = 120;
  quality.margin = 0.5;
  return quality;
}

const DetectedFace kFace{{20, 20, 60, 80}, 0.9, kStraight};

std::string refusal(const Quality& quality, QualityLevel level, double min_px = 32) {
  try {
    facesearch::require_quality(kFace, quality, level, min_px);
  } catch (const Error& error) {
    CHECK(error.cause() == facesearch::Cause::kRefused);
    return error.reason();
  }
  return "";
}

}  // namespace

TEST_CASE("sharpness and brightness against their definitions") {
  const Image chip =
      chip_of([](int x, int y) { return static_cast<std::uint8_t>(1 + (x * 37 + y * y * 11) % 250); });
  std::vector<double> edges;
  double sum = 0;
  const auto luma = [&](int x, int y) { return static_cast<double>(chip.at(x, y)[0]); };
  for (int y = 1; y < 111; ++y) {
    for (int x = 1; x < 111; ++x) {
      edges.push_back(luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1) - 4 * luma(x, y));
      sum += luma(x, y);
    }
  }
  double mean = 0;
  for (const double e : edges) mean += e / static_cast<double>(edges.size());
  double variance = 0;
  for (const double e : edges) variance += (e - mean) * (e - mean) / static_cast<double>(edges.size());
  const Quality quality = measured(chip);
  CHECK(quality.sharpness == Approx(variance));
  CHECK(quality.brightness == Approx(sum / static_cast<double>(edges.size())));
}

TEST_CASE("plain and black chips") {
  const Quality plain = measured(chip_of([](int, int) { return std::uint8_t{200}; }));
  CHECK(plain.sharpness == Approx(0).margin(1e-6));
  CHECK(plain.brightness == Approx(200));
  const Quality black = measured(chip_of([](int, int) { return std::uint8_t{0}; }));
  CHECK(black.sharpness == 0);
  CHECK(black.brightness == 0);
  // What lies outside the picture is black in the chip and no edge of the face.
  const Quality half =
      measured(chip_of([](int x, int) { return static_cast<std::uint8_t>(x < 50 ? 0 : 150); }));
  CHECK(half.sharpness == Approx(0).margin(1e-6));
  CHECK(half.brightness == Approx(150));
}

TEST_CASE("angles of a head that is turned") {
  const Image chip = chip_of([](int, int) { return std::uint8_t{100}; });
  for (int yaw = -70; yaw <= 70; yaw += 10) {
    for (int pitch = -30; pitch <= 30; pitch += 10) {
      for (const int roll : {-90, -20, 0, 35, 180}) {
        const Quality q = measured(chip, {20, 20, 60, 80}, head(yaw, pitch, roll));
        INFO(yaw << " " << pitch << " " << roll << " -> " << q.yaw << " " << q.pitch << " " << q.roll);
        if (pitch == 0) CHECK(q.yaw == Approx(yaw).margin(2));
        if (yaw == 0) CHECK(q.pitch == Approx(pitch).margin(2));
        CHECK(q.yaw == Approx(yaw).margin(20));
        if (std::abs(yaw) <= 20) CHECK(q.pitch == Approx(pitch).margin(12));
        if (yaw == 0 || pitch == 0) CHECK(std::cos((q.roll - roll) / 57.29578) == Approx(1).margin(1e-6));
      }
    }
  }
}

TEST_CASE("how much of the box lies in the picture, and how far from the border") {
  const Image chip = chip_of([](int, int) { return std::uint8_t{100}; });
  CHECK(measured(chip, {20, 20, 60, 80}).inside == 1);
  CHECK(measured(chip, {20, 20, 60, 80}).margin == Approx(20.0 / 60));
  CHECK(measured(chip, {-30, 20, 60, 80}).inside == Approx(0.5));
  CHECK(measured(chip, {-30, 20, 60, 80}).margin == Approx(-0.5));
  CHECK(measured(chip, {70, 180, 60, 80}).inside == Approx(0.125));
  CHECK(measured(chip, {-10, -10, 120, 220}).inside == Approx(100 * 200 / (120.0 * 220)));
  CHECK(measured(chip, {500, 500, 60, 80}).inside == 0);
}

TEST_CASE("each limit refuses by its reason, in the documented order") {
  Quality quality = good();
  CHECK(refusal(quality, QualityLevel::kStrict) == "");
  quality.sharpness = 2;
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_TOO_BLURRED");
  quality.brightness = 250;
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_TOO_BRIGHT");
  quality.brightness = 5;
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_TOO_DARK");
  quality.pitch = -70;
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_ANGLE_TOO_LARGE");
  quality.margin = 0.01;
  CHECK(refusal(quality, QualityLevel::kStrict) == "FACE_CLOSE_TO_BORDER");
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_ANGLE_TOO_LARGE");
  quality.inside = 0.3;
  CHECK(refusal(quality, QualityLevel::kBasic) == "FACE_CROPPED");
  CHECK(refusal(quality, QualityLevel::kBasic, 61) == "FACE_TOO_SMALL");
  CHECK(refusal(quality, QualityLevel::kNone, 61) == "FACE_TOO_SMALL");
  CHECK(refusal(quality, QualityLevel::kNone, 60) == "");
}

TEST_CASE("strict asks for more than basic") {
  const auto between = [](auto change) {
    Quality quality = good();
    change(quality);
    return refusal(quality, QualityLevel::kBasic).empty() ? refusal(quality, QualityLevel::kStrict)
                                                          : "basic too";
  };
  CHECK(between([](Quality& q) { q.yaw = 40; }) == "FACE_ANGLE_TOO_LARGE");
  CHECK(between([](Quality& q) { q.yaw = -40; }) == "FACE_ANGLE_TOO_LARGE");
  CHECK(between([](Quality& q) { q.pitch = 30; }) == "FACE_ANGLE_TOO_LARGE");
  CHECK(between([](Quality& q) { q.inside = 0.95; }) == "FACE_CROPPED");
  CHECK(between([](Quality& q) { q.sharpness = 30; }) == "FACE_TOO_BLURRED");
  CHECK(between([](Quality& q) { q.brightness = 35; }) == "FACE_TOO_DARK");
  CHECK(between([](Quality& q) { q.brightness = 225; }) == "FACE_TOO_BRIGHT");
  CHECK(between([](Quality& q) { q.roll = 180; }) == "");
}

TEST_CASE("a refusal tells the value and the limit") {
  const Error error =
      made::thrown_by([] { facesearch::require_quality(kFace, good(), QualityLevel::kNone, 80); });
  CHECK(error.detail() == "the face is 60 px wide, asked for is 80");
}

TEST_CASE("light is named where it takes the detail") {
  Quality quality;
  quality.inside = quality.margin = 1;
  const auto reason = [&](double brightness, double sharpness, double overexposed = 0) {
    quality.brightness = brightness;
    quality.sharpness = sharpness;
    quality.overexposed = overexposed;
    return refusal(quality, QualityLevel::kBasic);
  };
  CHECK(reason(15, 3) == "FACE_TOO_DARK");  // a sharp face, made dark
  CHECK(reason(15, 0.01) == "FACE_TOO_DARK");
  CHECK(reason(250, 3) == "FACE_TOO_BRIGHT");
  CHECK(reason(30, 8) == "FACE_TOO_DARK");  // would have 107 at a brightness of 110
  CHECK(reason(30, 0.5) == "FACE_TOO_BLURRED");
  CHECK(reason(120, 8) == "FACE_TOO_BLURRED");
  CHECK(reason(220, 8, 0.6) == "FACE_TOO_BRIGHT");
  CHECK(reason(220, 8, 0.1) == "FACE_TOO_BLURRED");
  CHECK(reason(220, 30, 0.6).empty());
  CHECK(reason(30, 12).empty());
}
