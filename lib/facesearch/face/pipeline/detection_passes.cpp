// SPDX-License-Identifier: MIT
// Finds faces in passes and keeps the best: as it is at 640 pixels, closer or farther, then turned by 90, 180
// and 270 degrees. A pass with a sure score ends the search for the scale. Then looks again at twice the
// scale for as long as the smallest face that would count could have been missed, and adds what it finds
// beside the faces that are known: one sure face of a crowd must not hide the others.
#include "facesearch/face/pipeline/detection_passes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "facesearch/face/pipeline/rotation.hpp"

namespace facesearch {
namespace {

// Measured with YuNet on tests/unit/face/shared's photographs and LFW. At 640 every face of the photographs
// is found, from 33 px of 1600; at 1024 and more, faces that fill a picture fall apart and textures turn into
// faces.
constexpr int kFirstSide = 640;
constexpr int kCloseSide = 320;  // for a face that fills the picture: 0.94 where 640 gives 0.55 to 0.9
constexpr int kFarSide = 1280;   // for faces too small for 640, only if that pass found none

// A face that lies on its side or is upside down is often detected as upright, with wrong landmarks and a
// lower score. So only a sure score ends the search; a turned pass replaces the best one if its score is
// clearly better.
constexpr double kClearlyBetter = 0.03;  // landmarks are best at the largest scale that works

constexpr double kCountsFromWidth = 0.25;  // of the largest face's width

// A look at a larger scale takes a large face for several, and a texture for one. What it adds is small, and
// lies beside what is known.
constexpr double kMostOfSide = 0.25;  // of the look's longer side: the width of a face that it may add

using Faces = std::vector<DetectedFace>;

double best_score(const Faces& faces) {
  double best = 0;
  for (const DetectedFace& face : faces) best = std::max(best, face.score);
  return best;
}

// Largest first; equal sizes in a fixed order.
void sort_faces(Faces& faces) {
  std::sort(faces.begin(), faces.end(), [](const DetectedFace& a, const DetectedFace& b) {
    if (a.box.area() != b.box.area()) return a.box.area() > b.box.area();
    if (a.score != b.score) return a.score > b.score;
    return a.box.x != b.box.x ? a.box.x < b.box.x : a.box.y < b.box.y;
  });
}

// By the sum of the lines between the eyes, so that a face that leans far is turned upright, too.
int turns_to_upright(const Faces& faces) {
  double x = 0;
  double y = 0;
  for (const DetectedFace& face : faces) {
    x += face.landmarks[1].x - face.landmarks[0].x;
    y += face.landmarks[1].y - face.landmarks[0].y;
  }
  const auto turns = static_cast<int>(std::lround(-std::atan2(y, x) / (std::numbers::pi / 2)));
  return (turns + 4) % 4;
}

Faces detect_turned(Detector& detector, const Image& reduced, int factor, int turns, int side = kFirstSide) {
  const Image view = turned(reduced, turns);
  Faces faces;
  for (const DetectedFace& found : detector.detect(view, side)) {
    DetectedFace face = turned_face(found, view.width, view.height, 4 - turns);
    face.box = {face.box.x * factor, face.box.y * factor, face.box.width * factor, face.box.height * factor};
    for (Point& point : face.landmarks) point = {point.x * factor, point.y * factor};
    for (Point& point : face.shape) point = {point.x * factor, point.y * factor};
    faces.push_back(face);
  }
  return faces;
}

FaceScene detect_upright(Detector& detector, double sure_score, const Image& image) {
  FaceScene scene{detector.detect(image, kFirstSide), "first", 0};
  if (best_score(scene.faces) >= sure_score) return scene;
  const int side = std::max(image.width, image.height);
  const auto detect_again = [&](int second_side) {
    Faces faces = detector.detect(image, second_side);
    const bool loses_none = faces.size() >= scene.faces.size();
    if (loses_none && best_score(faces) > best_score(scene.faces) + kClearlyBetter)
      scene = {std::move(faces), "second", 0};
  };
  detect_again(std::min(kCloseSide, (side + 1) / 2));
  if (scene.faces.empty() && side > kFirstSide) detect_again(kFarSide);
  return scene;
}

bool lies_on(const Box& box, const Box& other) {
  const double width = std::min(box.x + box.width, other.x + other.width) - std::max(box.x, other.x);
  const double height = std::min(box.y + box.height, other.y + other.height) - std::max(box.y, other.y);
  return width > 0 && height > 0 && width * height > 0.3 * std::min(box.area(), other.area());
}

// The width of the smallest face that counts in this scene.
double smallest_that_counts(const Faces& faces, double min_face_px) {
  double largest = 0;
  for (const DetectedFace& face : faces) largest = std::max(largest, face.box.width);
  return std::max({kCountsFromWidth * largest, min_face_px, 1.0});
}

// `turns`: as the scene was found.
void look_closer(Detector& detector, const Image& image, double min_face_px, int turns, FaceScene& scene) {
  const int whole = std::max(image.width, image.height);
  int side = scene.faces.empty() ? std::min(kFarSide, whole) : kFirstSide;  // that look found nothing already
  while (side < whole &&
         smallest_that_counts(scene.faces, min_face_px) * side / whole < detector.smallest_face_px()) {
    side = std::min(2 * side, whole);
    const Faces seen =
        turns == 0 ? detector.detect(image, side) : detect_turned(detector, image, 1, turns, side);
    const double most = kMostOfSide * whole;
    for (const DetectedFace& face : seen) {
      const bool known = std::ranges::any_of(
          scene.faces, [&](const DetectedFace& other) { return lies_on(face.box, other.box); });
      if (!known && face.box.width <= most) scene.faces.push_back(face);
    }
    if (scene.found_by.empty() && !scene.faces.empty()) scene.found_by = "second";
  }
}

}  // namespace

std::size_t faces_that_count(const FaceScene& scene, double min_face_px) {
  if (scene.faces.empty()) return 0;
  const double least = smallest_that_counts(scene.faces, min_face_px);
  const auto others = std::count_if(
      scene.faces.begin() + 1, scene.faces.end(),
      [&](const DetectedFace& face) { return face.box.width >= least && face.score >= kSureFace; });
  return 1 + static_cast<std::size_t>(others);
}

FaceScene detect_in_passes(Detector& detector, const DetectorSpec& spec, const Image& image,
                           double min_face_px) {
  if (image.width < 1 || image.height < 1) return {};
  FaceScene scene = detect_upright(detector, spec.sure_score, image);
  int best_turns = 0;
  if (best_score(scene.faces) < spec.sure_score) {
    // Reduce a large photograph before turning it.
    const auto [shorter, longer] = std::minmax(image.width, image.height);
    const int factor = std::clamp(longer / kFirstSide, 1, shorter);
    const Image reduced = averaged(image, factor);
    double to_beat = std::max(spec.turned_score, best_score(scene.faces) + kClearlyBetter);
    constexpr std::array kNames{"turned-90", "turned-180", "turned-270"};
    for (int turns = 1; turns <= 3; ++turns) {
      Faces faces = detect_turned(detector, reduced, factor, turns);
      if (best_score(faces) <= to_beat) continue;
      to_beat = best_score(faces);
      scene = {std::move(faces), kNames.at(static_cast<std::size_t>(turns) - 1), 0};
      best_turns = turns;
    }
  }
  if (scene.faces.empty()) scene.found_by.clear();
  look_closer(detector, image, min_face_px, best_turns, scene);
  if (scene.faces.empty()) return {};
  sort_faces(scene.faces);
  scene.quarter_turns = turns_to_upright(scene.faces);
  return scene;
}

}  // namespace facesearch
