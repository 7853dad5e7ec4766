// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/quality.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

// The limits of a level.
struct Limits {
  double inside;
  double margin;
  double yaw;
  double pitch;
  double sharpness;
  double dark;
  double bright;
};

// Basic refuses only hopeless faces: all 3,599 faces of LFW's folds 0-4 that are found, all 80 sample people
// and all real faces of the photographs but one profile (yaw 68) pass. There: sharpness 19 and more (a face
// of 25 px), 44 of a shaken photograph; brightness 48 to 199; inside 0.86 and more; LFW's yaw up to 48.
// Strict is for portraits taken to be enrolled: eyes to the camera, sharp, lit, all of the face with some
// room.
constexpr Limits kBasic{0.6, -std::numeric_limits<double>::infinity(), 65, 45, 10, 20, 240};
constexpr Limits kStrict{1, 0.1, 25, 25, 60, 50, 210};

// Where a face's sharpness is under the limit, its light is to blame if it is dim and would be sharp enough
// when well lit, or if much of it is white.
constexpr double kDim = 50;
constexpr double kWellLit = 110;  // the mean of LFW's faces is near it
constexpr double kOverexposed = 250;
constexpr double kMostlyOverexposed = 0.4;

constexpr double kDegrees = 180 / std::numbers::pi;

// Of a face that looks straight ahead: how far the nose tip stands out before the plane of eyes and mouth, as
// a share of the distance between the eyes and of that from eyes to mouth; and where it lies between the two.
constexpr double kNoseByEyes = 0.5;
constexpr double kNoseByHeight = 0.43;
constexpr double kNoseHeight = 0.55;

struct Luma {
  double mean = 0;
  double overexposed = 0;  // share of the pixels
  double laplacian_variance = 0;
};

// Exactly black pixels were outside the picture before the alignment; they and their neighbours do not count.
Luma measure_luma(const Image& chip) {
  const auto luma = [&](int x, int y) {
    const std::uint8_t* p = chip.at(x, y);
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
  };
  double sum = 0;
  double edges = 0;
  double squares = 0;
  double count = 0;
  double white = 0;
  for (int y = 1; y + 1 < chip.height; ++y) {
    for (int x = 1; x + 1 < chip.width; ++x) {
      const std::array<double, 5> cross{luma(x, y), luma(x - 1, y), luma(x + 1, y), luma(x, y - 1),
                                        luma(x, y + 1)};
      if (*std::min_element(cross.begin(), cross.end()) <= 0) continue;
      const double edge = cross[1] + cross[2] + cross[3] + cross[4] - 4 * cross[0];
      sum += cross[0];
      edges += edge;
      squares += edge * edge;
      if (cross[0] >= kOverexposed) ++white;
      ++count;
    }
  }
  if (count < 1) return {};
  return {sum / count, white / count, std::max(0.0, squares / count - (edges / count) * (edges / count))};
}

Point middle(Point a, Point b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

void measure_pose(const Landmarks& marks, Quality& quality) {
  const double dx = marks[1].x - marks[0].x;
  const double dy = marks[1].y - marks[0].y;
  const double roll = std::atan2(dy, dx);
  quality.roll = roll * kDegrees;
  // The face's own axes: `across` along the line of the eyes, `down` from the eyes to the mouth.
  const Point eyes = middle(marks[0], marks[1]);
  const Point mouth = middle(marks[3], marks[4]);
  const auto across = [&](Point p) {
    return (p.x - eyes.x) * std::cos(roll) + (p.y - eyes.y) * std::sin(roll);
  };
  const auto down = [&](Point p) {
    return (p.y - eyes.y) * std::cos(roll) - (p.x - eyes.x) * std::sin(roll);
  };
  const double eye_distance = std::hypot(dx, dy);
  const double height = std::max(down(mouth), 1e-6);
  const double along = std::clamp(down(marks[2]) / height, 0.0, 1.0);
  const double off_middle = across(marks[2]) - along * across(mouth);
  quality.yaw = std::atan2(off_middle, kNoseByEyes * eye_distance) * kDegrees;
  quality.pitch = std::atan2(kNoseHeight * height - down(marks[2]), kNoseByHeight * height) * kDegrees;
}

[[noreturn]] void refuse(const char* reason, const std::string& detail) {
  throw Error(Cause::kRefused, reason, detail);
}

void require_pose(const Quality& quality, const Limits& limits) {
  const auto check = [](const char* what, double angle, double limit) {
    if (std::abs(angle) > limit) {
      refuse("FACE_ANGLE_TOO_LARGE",
             fmt::format("the face is turned {} by about {:.0f} degrees, the collection "
                         "takes up to {:.0f}",
                         what, std::abs(angle), limit));
    }
  };
  check("sideways", quality.yaw, limits.yaw);
  check("up or down", quality.pitch, limits.pitch);
}

void require_light(const Quality& quality, const Limits& limits) {
  if (quality.brightness < limits.dark) {
    refuse("FACE_TOO_DARK", fmt::format("the face's mean brightness is {:.1f} of 255, asked for is {:.0f}",
                                        quality.brightness, limits.dark));
  }
  if (quality.brightness > limits.bright) {
    refuse("FACE_TOO_BRIGHT",
           fmt::format("the face's mean brightness is {:.1f} of 255, the collection takes up "
                       "to {:.0f}",
                       quality.brightness, limits.bright));
  }
  if (quality.sharpness >= limits.sharpness) return;
  // A picture k times as bright has k² times the variance.
  const double gain = kWellLit / std::max(quality.brightness, 1.0);
  if (quality.brightness < kDim && quality.sharpness * gain * gain >= limits.sharpness) {
    refuse("FACE_TOO_DARK",
           fmt::format(
               "the face's mean brightness is {:.0f} of 255, too little for its detail: its sharpness is "
               "{:.1f}, asked for is {:.0f}",
               quality.brightness, quality.sharpness, limits.sharpness));
  }
  if (quality.overexposed > kMostlyOverexposed) {
    refuse("FACE_TOO_BRIGHT",
           fmt::format(
               "{:.0f} % of the face is overexposed, so that its sharpness is {:.1f}; asked for is {:.0f}",
               100 * quality.overexposed, quality.sharpness, limits.sharpness));
  }
}

void require_limits(const Quality& quality, const Limits& limits) {
  if (quality.inside < limits.inside) {
    refuse("FACE_CROPPED", fmt::format("{:.0f} % of the face lies in the picture, asked for is {:.0f} %",
                                       100 * quality.inside, 100 * limits.inside));
  }
  if (quality.margin < limits.margin) {
    refuse("FACE_CLOSE_TO_BORDER", fmt::format("the face is {:.2f} of its width from the picture's border, "
                                               "asked for is {:.2f}",
                                               quality.margin, limits.margin));
  }
  require_pose(quality, limits);
  require_light(quality, limits);
  if (quality.sharpness < limits.sharpness) {
    refuse("FACE_TOO_BLURRED", fmt::format("the face's sharpness is {:.1f}, asked for is {:.0f}",
                                           quality.sharpness, limits.sharpness));
  }
}

}  // namespace

Quality measure_quality(const Image& image, const DetectedFace& face, const Image& chip) {
  Quality quality;
  const Luma luma = measure_luma(chip);
  quality.sharpness = luma.laplacian_variance;
  quality.brightness = luma.mean;
  quality.overexposed = luma.overexposed;
  measure_pose(face.landmarks, quality);
  const Box& box = face.box;
  const double right = image.width - (box.x + box.width);
  const double below = image.height - (box.y + box.height);
  const double width = std::max(0.0, box.width - std::max(0.0, -box.x) - std::max(0.0, -right));
  const double height = std::max(0.0, box.height - std::max(0.0, -box.y) - std::max(0.0, -below));
  quality.inside = box.area() > 0 ? width * height / box.area() : 0;
  quality.margin = std::min({box.x, box.y, right, below}) / std::max(box.width, 1e-6);
  return quality;
}

void require_quality(const DetectedFace& face, const Quality& quality, QualityLevel level,
                     double min_face_px) {
  if (face.box.width < min_face_px) {
    refuse("FACE_TOO_SMALL", fmt::format("the face is {:.0f} px wide, asked for is {:.0f}",
                                         std::floor(face.box.width), min_face_px));
  }
  if (level == QualityLevel::kBasic) require_limits(quality, kBasic);
  if (level == QualityLevel::kStrict) require_limits(quality, kStrict);
}

}  // namespace facesearch
