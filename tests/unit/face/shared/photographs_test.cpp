// SPDX-License-Identifier: MIT
#include <cmath>
#include <map>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/quality.hpp"
#include "facesearch/face/pipeline/rotation.hpp"
#include "shared.hpp"

using facesearch::DetectedFace;
using facesearch::FaceScene;
using facesearch::Image;
using facesearch::QualityLevel;

namespace {

// As the names tell (shared/data/README.md), with what else there is to see.
std::size_t faces_in(const std::string& name) {
  static const std::map<std::string, std::size_t> kTold{
      {"compreface_006_A", 2},  // and a toy gnome on the shelf, 27 px, score 0.74
      {"faceapi_bbt1", 4},
      {"faceapi_bbt2", 3},
      {"faceapi_bbt3", 5},
      {"faceapi_bbt4", 6},
      {"faceapi_bbt5", 5},
      {"inspireface_bulk_view", 0},
      {"inspireface_crop_no_face", 0},
  };
  const auto told = kTold.find(name);
  if (told != kTold.end()) return told->second;
  const char last = name.back();
  const bool counted = name.starts_with("compreface") && last >= '0' && last <= '9';
  return counted ? static_cast<std::size_t>(last - '0') : 1;
}

std::string refusal(const Image& image, const DetectedFace& face, QualityLevel level) {
  try {
    const Image chip = shared::engine().align(image, face);
    facesearch::require_quality(face, facesearch::measure_quality(image, face, chip), level, 0);
  } catch (const facesearch::Error& error) {
    return error.reason();
  }
  return "";
}

}  // namespace

TEST_CASE("every photograph has the faces it shows, of basic quality") {
  std::size_t total = 0;
  for (const std::filesystem::path& file : shared::photographs()) {
    const Image image = real::picture(file);
    const FaceScene scene = shared::engine().find_faces(image);
    INFO(file);
    CHECK(scene.faces.size() == faces_in(file.stem()));
    total += scene.faces.size();
    for (const DetectedFace& face : scene.faces) {
      const std::string reason = refusal(image, face, QualityLevel::kBasic);
      INFO(face.box.width);
      if (file.stem() == "inspireface_pose_right_face") {
        CHECK(reason == "FACE_ANGLE_TOO_LARGE");
      } else if (face.box.width < 28 && file.stem() == "compreface_006_A") {
        CHECK(reason == "FACE_TOO_BLURRED");  // the gnome
      } else {
        CHECK(reason.empty());
      }
    }
  }
  CHECK(total == 150);
}

TEST_CASE("people who lie or stand on their head are found with the right landmarks") {
  const auto straight = shared::template_of(shared::photograph("inspireface_rotate_rot_0"));
  const std::vector<std::pair<std::string, int>> turned{{"rotate_rot_90", 3},  {"rotate_rot_180", 2},
                                                        {"rotate_rot_270", 1}, {"bulk_r90", 3},
                                                        {"bulk_r180", 2},      {"bulk_r270", 1}};
  for (const auto& [name, turns] : turned) {
    const Image image = shared::photograph("inspireface_" + name);
    INFO(name);
    CHECK(shared::engine().find_faces(image).quarter_turns == turns);
    CHECK(real::cosine(straight, shared::template_of(image)) > 0.9);
  }
}

TEST_CASE("a photograph may be turned, its faces stay the same") {
  for (const std::string name :
       {"compreface_004_A", "compreface_012_4", "compreface_015_6", "faceapi_bbt4", "faceapi_amy2",
        "inspireface_RD_d5", "inspireface_bulk_jntm", "inspireface_bulk_yifei"}) {
    const Image image = shared::photograph(name);
    const FaceScene upright = shared::engine().find_faces(image);
    const auto person = shared::template_of(image);
    for (int turns = 1; turns <= 3; ++turns) {
      const Image view = facesearch::turned(image, turns);
      const FaceScene scene = shared::engine().find_faces(view);
      INFO(name << " turned " << turns);
      CHECK(scene.quarter_turns == 4 - turns);
      REQUIRE(scene.faces.size() == upright.faces.size());
      double best = 0;
      for (const DetectedFace& face : scene.faces) {
        const DetectedFace back = facesearch::turned_face(face, view.width, view.height, 4 - turns);
        const auto lies_on = [&](const DetectedFace& f) {
          return std::hypot(f.box.centre().x - back.box.centre().x, f.box.centre().y - back.box.centre().y) <
                 0.2 * f.box.width;
        };
        CHECK(std::count_if(upright.faces.begin(), upright.faces.end(), lies_on) == 1);
        best =
            std::max(best, real::cosine(person, shared::engine().embed(shared::engine().align(view, face))));
      }
      CHECK(best > 0.9);
    }
  }
}

TEST_CASE("strict takes a portrait and refuses a profile, a crowd's small faces and a face at the border") {
  const auto largest = [](const std::string& name) {
    const Image image = shared::photograph(name);
    return refusal(image, shared::engine().find_faces(image).faces.at(0), QualityLevel::kStrict);
  };
  CHECK(largest("compreface_004_A").empty());
  CHECK(largest("inspireface_bulk_jntm").empty());
  CHECK(largest("inspireface_bulk_yifei") == "FACE_ANGLE_TOO_LARGE");
  CHECK(largest("faceapi_amy1") == "FACE_CROPPED");
  CHECK(largest("inspireface_crop_crop") == "FACE_CLOSE_TO_BORDER");
  CHECK(largest("inspireface_bulk_blur") == "FACE_CLOSE_TO_BORDER");
}
