// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <numeric>

#include <fmt/format.h>
#include <opencv2/dnn.hpp>

#include "catch.hpp"
#include "face/made_pack.hpp"
#include "face/real.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/template.hpp"
#include "support/files.hpp"

// The pack opencv-zoo without the published file of its embedder: a network of the same shape with weights
// from a seed takes its place. See make_sface.py.
using namespace facesearch;

namespace {

struct RandomSface {
  RandomSface() {
    std::filesystem::create_directories(folder.path() / "sface");
    const std::string make = fmt::format("/usr/bin/python3 '{}/tests/unit/opencv/make_sface.py' '{}'",
                                         FACESEARCH_SOURCE_DIR, file().string());
    REQUIRE(std::system(make.c_str()) == 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
    pack = find_pack({.catalog = FACESEARCH_SOURCE_DIR "/models"}, "opencv-zoo");
    published = pack.embedder.network.bytes;
    const auto bytes = test::contents<std::vector<std::uint8_t>>(file());
    pack.embedder.network.bytes = bytes.size();
    pack.embedder.network.sha256 = hex(sha256(bytes));
    // YuNet is not in the repository; the built-in detector answers in the same form.
    pack.detector = real::pack().detector;
    pack.files = {folder.path(), FACESEARCH_SOURCE_DIR "/models/mini"};
  }

  std::filesystem::path file() const { return folder.path() / "sface/face_recognition_sface_2021dec.onnx"; }

  made::Folder folder;
  Pack pack;
  std::uint64_t published = 0;
};

// As OpenCV's FaceRecognizerSF feeds the network: the aligned face, BGR there and swapped to RGB, not scaled.
Template direct(const std::filesystem::path& file, const Image& chip) {
  cv::Mat bgr(chip.height, chip.width, CV_8UC3);
  for (int y = 0; y < chip.height; ++y) {
    for (int x = 0; x < chip.width; ++x) {
      const std::uint8_t* p = chip.at(x, y);
      bgr.at<cv::Vec3b>(y, x) = {p[2], p[1], p[0]};
    }
  }
  cv::dnn::Net net = cv::dnn::readNetFromONNX(file.string());
  net.setInput(cv::dnn::blobFromImage(bgr, 1, cv::Size(112, 112), cv::Scalar(0, 0, 0), true, false));
  const cv::Mat answer = net.forward("fc1");
  return normalised({answer.begin<float>(), answer.end<float>()});
}

}  // namespace

TEST_CASE("a network of SFace's shape gives through its pack what OpenCV's own way gives") {
  RandomSface sface;
  // The same layers: the published file's size, but for names.
  CHECK(static_cast<double>(sface.pack.embedder.network.bytes) ==
        Approx(static_cast<double>(sface.published)).epsilon(0.002));
  FaceEngine engine(sface.pack, real::runtimes());
  engine.try_all();
  for (const int person : {1, 2}) {
    const Image image = real::person(person, 1);
    const DetectedFace face = engine.find_faces(image).faces.at(0);
    const Image chip = engine.align(image, face);
    REQUIRE((chip.width == 112 && chip.height == 112));
    const Template values = engine.embed(chip);
    REQUIRE(values.size() == 128);
    CHECK(real::cosine(values, direct(sface.file(), chip)) == Approx(1).margin(1e-5));
    // The order of the channels and the scale matter.
    Image swapped = chip;
    for (std::size_t i = 0; i + 2 < swapped.pixels.size(); i += 3)
      std::swap(swapped.pixels[i], swapped.pixels[i + 2]);
    CHECK(real::cosine(values, direct(sface.file(), swapped)) < 0.9999);
  }
}
