// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "catch.hpp"
#include "made_dlib.hpp"

// For tests/system/made_packs: `MADE_DLIB=DIR dlib_tests "[.make]"` writes what the pack dlib is installed
// from, made here, under the published names. Hidden: no run of the tests begins it.
TEST_CASE("the files of the pack dlib are written to the folder that MADE_DLIB names", "[.make]") {
  const char* folder = std::getenv("MADE_DLIB");  // NOLINT(concurrency-mt-unsafe)
  REQUIRE(folder != nullptr);
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(std::filesystem::path(folder) / name, std::ios::binary) << bytes;
  };
  write("shape_predictor_5_face_landmarks.dat", made::five_points());
  write("dlib_face_recognition_resnet_model_v1.dat", made::random_resnet(7));
}
