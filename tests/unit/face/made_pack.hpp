// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/face/pack/pack.hpp"

/// A manifest that is right, and what tests of packs need around it.
namespace made {

inline std::string manifest(std::string_view name = "made", std::string_view file = "nets/detector.onnx") {
  const auto network = [](std::string_view path) {
    return R"({"file": ")" + std::string(path) +
           R"(", "bytes": 5, "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",)"
           R"( "licence": "MIT", "source": "made for the tests"})";
  };
  return R"({"format": 1, "name": ")" + std::string(name) + R"(", "title": "Made",
 "detector": {"runtime": "opencv-yunet", "network": )" +
         network(file) + R"(,
   "input": {"width": 0, "height": 0, "channels": "bgr", "mean": [0, 0, 0], "scale": 1},
   "min_score": 0.7, "nms": 0.3, "sure_score": 0.9, "turned_score": 0.75},
 "landmarks": {"runtime": "opencv-landmarks", "network": )" +
         network("nets/landmarks.onnx") + R"(,
   "input": {"width": 64, "height": 64, "channels": "rgb", "mean": [0, 0, 0], "scale": 1},
   "points": [[23.25, 29.75], [40.75, 29.75], [32, 39.75], [24.75, 50], [39.25, 50]]},
 "alignment": {"width": 112, "height": 112,
   "landmarks": [[38.5, 51.5], [73.5, 51.5], [56, 71.75], [41.5, 92.25], [70.75, 92.25]]},
 "embedder": {"runtime": "opencv-onnx", "network": )" +
         network("nets/embedder.onnx") + R"(,
   "input": {"width": 112, "height": 112, "channels": "rgb", "mean": [127.5, 127.5, 127.5], "scale": 0.0078125},
   "output": "fc1", "dimension": 128},
 "liveness": {"runtime": "opencv-minifasnet",
   "networks": [{"crop_scale": 2.7, "network": )" +
         network("nets/near.onnx") + R"(}, {"crop_scale": 4, "network": )" + network("nets/far.onnx") + R"(}],
   "input": {"width": 80, "height": 80, "channels": "bgr", "mean": [0, 0, 0], "scale": 1}, "live_index": 1},
 "calibration": {"cosine_at_fmr": [0.1, 0.2, 0.3, 0.4, 0.5], "measured_to": 1e-6, "source": "made up"}})";
}

inline facesearch::Pack pack() {
  return facesearch::parse_manifest(manifest(), "/nowhere");
}

/// The error that `work` throws; a failure of the test if it throws none.
template <class Work>
facesearch::Error thrown_by(Work&& work) {
  try {
    work();
  } catch (const facesearch::Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  std::abort();
}

/// An empty folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "facesearch-face-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) FAIL("no temporary folder");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  void write(const std::filesystem::path& file, std::string_view text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace made
