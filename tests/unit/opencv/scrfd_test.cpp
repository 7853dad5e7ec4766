// SPDX-License-Identifier: MIT
// The runtime opencv-scrfd against NumPy and plain loops: make_scrfd.py makes a network of SCRFD's shape with
// weights from a seed, and says which faces it sees. InsightFace's own files are not here.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <sstream>

#include <fmt/format.h>

#include "catch.hpp"
#include "face/made_pack.hpp"
#include "face/real.hpp"
#include "support/files.hpp"

using namespace facesearch;

namespace {

struct MadeScrfd {
  explicit MadeScrfd(const std::string& options = "") {
    const std::string make = fmt::format(
        "/usr/bin/python3 '{}/tests/unit/opencv/make_scrfd.py' '{}' {} >'{}'", FACESEARCH_SOURCE_DIR,
        folder.path().string(), options, (folder.path() / "said").string());
    REQUIRE(std::system(make.c_str()) == 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
    network = test::contents<NetworkBytes>(folder.path() / "scrfd.onnx");
    spec.runtime = "opencv-scrfd";
    spec.network.file = "scrfd.onnx";
    spec.input.mean = {127.5, 127.5, 127.5};
    spec.input.scale = 1 / 128.0;
    spec.min_score = 0.5;
    spec.nms = 0.4;
  }

  std::unique_ptr<Detector> detector() const {
    for (const DetectorRuntime& row : real::runtimes()("opencv").detectors) {
      if (row.name == spec.runtime) return row.make(spec, {&network, 1});
    }
    FAIL("no runtime opencv-scrfd");
    return nullptr;
  }

  Image picture() const {
    std::istringstream file(test::contents(folder.path() / "picture.ppm"));
    std::string magic;
    int most = 0;
    Image image;
    file >> magic >> image.width >> image.height >> most;
    file.get();
    image.pixels.resize(3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
    file.read(reinterpret_cast<char*>(image.pixels.data()),
              static_cast<std::streamsize>(image.pixels.size()));
    REQUIRE(file);
    return image;
  }

  // Lines of score, x, y, width, height and five points.
  std::vector<std::vector<double>> expected() const {
    std::vector<std::vector<double>> faces;
    std::istringstream lines(test::contents(folder.path() / "faces.txt"));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream numbers(line);
      faces.emplace_back(std::istream_iterator<double>(numbers), std::istream_iterator<double>());
    }
    return faces;
  }

  Error refusal() const {
    return made::thrown_by([&] { (void)detector()->detect(picture(), 640); });
  }

  made::Folder folder;
  NetworkBytes network;
  DetectorSpec spec;
};

std::vector<double> numbers_of(const DetectedFace& face) {
  std::vector<double> numbers{face.score, face.box.x, face.box.y, face.box.width, face.box.height};
  for (const Point& point : face.landmarks) numbers.insert(numbers.end(), {point.x, point.y});
  return numbers;
}

void check_faces(std::vector<DetectedFace> faces, const std::vector<std::vector<double>>& expected) {
  std::ranges::sort(faces, std::greater(), &DetectedFace::score);
  REQUIRE(faces.size() == expected.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const std::vector<double> numbers = numbers_of(faces.at(i));
    REQUIRE(expected.at(i).size() == numbers.size());
    CAPTURE(i, numbers, expected.at(i));
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const double allowed = k == 0 ? 1e-5 : 5e-3;
      REQUIRE(std::abs(numbers.at(k) - expected.at(i).at(k)) < allowed);
    }
  }
}

}  // namespace

TEST_CASE("a network of SCRFD's shape sees the faces that plain loops compute", "[scrfd]") {
  for (const char* options : {"", "--batched", "--fixed 640", "--fixed 320 --batched"}) {
    CAPTURE(options);
    const MadeScrfd scrfd(options);
    REQUIRE(scrfd.expected().size() > 50);
    check_faces(scrfd.detector()->detect(scrfd.picture(), 640), scrfd.expected());
  }
}

TEST_CASE("an input that the file leaves open has the manifest's sides, or the picture's", "[scrfd]") {
  MadeScrfd scrfd;
  CHECK(scrfd.detector()->smallest_face_px() > 0);
  scrfd.spec.input.width = scrfd.spec.input.height = 640;
  const auto detector = scrfd.detector();
  CHECK(detector->smallest_face_px() == 0);
  // Beyond the picture the canvas is black, and this network sees no face there.
  check_faces(detector->detect(scrfd.picture(), 640), scrfd.expected());
  // The same network at other sizes, and again at the first.
  scrfd.spec.input.width = scrfd.spec.input.height = 0;
  const auto open = scrfd.detector();
  for (const int long_side : {150, 200, 250, 290, 100, 50})
    CHECK_NOTHROW(open->detect(scrfd.picture(), long_side));
  check_faces(open->detect(scrfd.picture(), 640), scrfd.expected());
}

TEST_CASE("a larger picture is reduced to the network's input, and its faces are in its own pixels",
          "[scrfd]") {
  MadeScrfd scrfd("--fixed 320");
  const Image small = scrfd.picture();
  Image large{2 * small.width, 2 * small.height, {}};
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x) {
      const std::uint8_t* pixel = small.at(x / 2, y / 2);
      large.pixels.insert(large.pixels.end(), pixel, pixel + 3);
    }
  }
  std::vector<std::vector<double>> doubled = scrfd.expected();
  for (auto& face : doubled) {
    for (std::size_t k = 1; k < face.size(); ++k) face.at(k) *= 2;
  }
  check_faces(scrfd.detector()->detect(large, 300), doubled);
  // 1280 pixels are asked for, and the network takes 320.
  CHECK_FALSE(scrfd.detector()->detect(large, 1280).empty());
}

TEST_CASE("sides that do not fit the network or its strides are refused", "[scrfd]") {
  MadeScrfd fixed("--fixed 320");
  fixed.spec.input.width = fixed.spec.input.height = 640;
  CHECK_THAT(fixed.refusal().detail(), Catch::Contains("its input is 320x320, its manifest says 640x640"));
  MadeScrfd open;
  for (const auto& [width, height] : {std::pair(100, 100), std::pair(640, 0), std::pair(32, 32)}) {
    open.spec.input.width = width;
    open.spec.input.height = height;
    CHECK(open.refusal().reason() == "MODEL_UNUSABLE");
  }
  open.spec.input.width = open.spec.input.height = 0;
  open.spec.enlarge = 1;
  CHECK_THAT(open.refusal().detail(), Catch::Contains("no enlarge"));
}

TEST_CASE("outputs of another number, other rows or columns, or NaN are refused", "[scrfd]") {
  const auto words = [](const std::string& kind) {
    const Error error = MadeScrfd("--broken " + kind).refusal();
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == "MODEL_UNUSABLE");
    CHECK_THAT(error.detail(), Catch::Contains("scrfd.onnx"));
    return error.detail();
  };
  CHECK_THAT(words("outputs"), Catch::Contains("it has 8 outputs; SCRFD with five points has nine"));
  CHECK_THAT(words("rows"), Catch::Contains("no output has 200 rows of 1, two for each cell of stride 32"));
  CHECK_THAT(words("columns"), Catch::Contains("rows of 4"));
  CHECK_THAT(words("twice"), Catch::Contains("two of its outputs have 800 rows of 10"));
  CHECK_THAT(words("score"), Catch::Contains("a score of its answer is no number"));
  CHECK_THAT(words("box"), Catch::Contains("a box or a point of its answer is no number"));
}

TEST_CASE("bytes that are no network, or a cut one, are refused", "[scrfd]") {
  MadeScrfd scrfd;
  const NetworkBytes whole = scrfd.network;
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
    scrfd.network.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(scrfd.refusal().reason() == "MODEL_UNUSABLE");
  }
  scrfd.network.assign(1000, 0xff);
  CHECK(scrfd.refusal().reason() == "MODEL_UNUSABLE");
}

TEST_CASE("an embedder of 512 numbers with an open batch gives several faces what it gives each", "[scrfd]") {
  const MadeScrfd scrfd;
  EmbedderSpec spec;
  spec.network.file = "embedder.onnx";
  spec.input = {112, 112, true, {127.5, 127.5, 127.5}, 1 / 127.5};
  spec.dimension = 512;
  const auto bytes = test::contents<NetworkBytes>(scrfd.folder.path() / "embedder.onnx");
  std::unique_ptr<Embedder> embedder;
  for (const EmbedderRuntime& row : real::runtimes()("opencv").embedders) {
    if (row.name == "opencv-onnx") embedder = row.make(spec, bytes);
  }
  REQUIRE(embedder);
  std::vector<Image> chips;
  for (int i = 0; i < 3; ++i) {
    Image& chip = chips.emplace_back(Image{112, 112, {}});
    for (int k = 0; k < 3 * 112 * 112; ++k)
      chip.pixels.push_back(static_cast<std::uint8_t>((k * (7 + i)) % 251));
  }
  const std::vector<Template> together = embedder->embed_all(chips);
  REQUIRE(together.size() == 3);
  for (std::size_t i = 0; i < chips.size(); ++i) {
    const Template alone = embedder->embed(chips.at(i));
    REQUIRE(alone.size() == 512);
    CHECK(real::cosine(alone, together.at(i)) == Approx(1).margin(1e-5));
  }
  CHECK(real::cosine(together.at(0), together.at(1)) < 0.9999);
}
