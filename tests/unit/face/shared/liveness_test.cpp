// SPDX-License-Identifier: MIT
#include <map>

#include "catch.hpp"
#include "shared.hpp"

using facesearch::FaceScene;
using facesearch::Image;
using facesearch::LivenessResult;

TEST_CASE("the replay on a screen is refused, people are accepted") {
  // The largest face of each photograph that has surroundings enough. Under 50 are, besides the replay:
  const std::map<std::string, int> refused{
      {"compreface_008_B", 35},            // 52 px
      {"compreface_009_C", 15},            // studio portrait
      {"inspireface_RD_d1", 38},           // studio portrait, the face fills two thirds
      {"inspireface_RD_d4", 2},            // black and white
      {"inspireface_pose_left_face", 13},  // black and white profile
      {"inspireface_pose_left_wryneck", 9},
      {"inspireface_pose_right_wryneck", 36},
      {"inspireface_search_Mary_Katherine_Smart_0001_5k", 38},
      {"inspireface_search_Teresa_Williams_0001_1k", 12},
      {"inspireface_bulk_rgb_fake", 3},  // the replay
  };
  int judged = 0;
  for (const std::filesystem::path& file : shared::photographs()) {
    const Image image = real::picture(file);
    const FaceScene scene = shared::engine().find_faces(image);
    if (scene.faces.empty()) continue;
    const LivenessResult result = shared::engine().liveness(image, scene, scene.faces.front());
    if (!result.certain) continue;
    ++judged;
    INFO(file << " " << result.score);
    const std::string name = file.stem();
    const auto known = refused.find(name);
    if (known == refused.end()) {
      CHECK(result.score > 60);
    } else {
      CHECK(result.score == Approx(known->second).margin(4));
    }
  }
  CHECK(judged == 60);
}

TEST_CASE("a face that fills its picture is uncertain") {
  for (const std::filesystem::path& file : shared::photographs()) {
    // Five small pictures each of seven people, cut to the face.
    const std::string name = file.stem();
    if (!name.starts_with("faceapi_") || name.starts_with("faceapi_bbt")) continue;
    const Image image = real::picture(file);
    const FaceScene scene = shared::engine().find_faces(image);
    INFO(file);
    CHECK_FALSE(shared::engine().liveness(image, scene, scene.faces.at(0)).certain);
  }
}

TEST_CASE("liveness of a turned photograph is that of the upright one") {
  for (const std::string name : {"inspireface_bulk_rgb_fake", "compreface_004_A", "inspireface_bulk_yifei"}) {
    const Image image = shared::photograph(name);
    const FaceScene upright = shared::engine().find_faces(image);
    const double score = shared::engine().liveness(image, upright, upright.faces.at(0)).score;
    for (int turns = 1; turns <= 3; ++turns) {
      const Image view = facesearch::turned(image, turns);
      const FaceScene scene = shared::engine().find_faces(view);
      const LivenessResult result = shared::engine().liveness(view, scene, scene.faces.at(0));
      INFO(name << " turned " << turns);
      CHECK(result.certain);
      CHECK((result.score >= 50) == (score >= 50));
    }
  }
}
