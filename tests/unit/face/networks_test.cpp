// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <numeric>

#include "catch.hpp"
#include "facesearch/face/pipeline/alignment.hpp"
#include "facesearch/face/pipeline/rotation.hpp"
#include "image/tight_memory.hpp"
#include "made_pack.hpp"
#include "real.hpp"

using namespace facesearch;

namespace {

// What is written to the standard streams while it lives.
class Streams {
 public:
  explicit Streams(const std::filesystem::path& file) : file_(file) {
    const int sink = open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(sink, 1);
    dup2(sink, 2);
    close(sink);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams() {
    dup2(saved_[0], 1);
    dup2(saved_[1], 2);
    close(saved_[0]);
    close(saved_[1]);
  }
  std::uintmax_t written() const { return std::filesystem::file_size(file_); }

 private:
  std::filesystem::path file_;
  int saved_[2] = {dup(1), dup(2)};
};

Image plain(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width * height), 128)};
}

double dot(const Template& a, const Template& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

const EmbedderRuntime& embedder_runtime() {
  return real::runtimes()("opencv").embedders.front();
}

std::string refusal(const EmbedderSpec& spec, const NetworkBytes& bytes) {
  const Error error = made::thrown_by(
      [&] { embedder_runtime().make(spec, bytes)->embed(plain(spec.input.width, spec.input.height)); });
  CHECK(error.cause() == Cause::kModelMissing);
  CHECK(error.reason() == "MODEL_UNUSABLE");
  return error.detail();
}

}  // namespace

TEST_CASE("a network that cannot be read is refused without a word on the streams") {
  const Pack pack = real::pack();
  const NetworkBytes whole = read_network(pack, pack.embedder.network);
  const made::Folder folder;
  std::vector<std::string> details;
  std::uintmax_t written = 0;
  {
    const Streams streams(folder.path() / "written");
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{5000}, whole.size() / 2}) {
      const NetworkBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      details.push_back(refusal(pack.embedder, cut));
    }
    details.push_back(refusal(pack.embedder, NetworkBytes(1000, 'x')));
    written = streams.written();
  }
  for (const std::string& detail : details) CHECK_THAT(detail, Catch::Contains(pack.embedder.network.file));
  CHECK(written == 0);
}

TEST_CASE("a network that answers otherwise than its manifest says is refused") {
  const Pack pack = real::pack();
  const NetworkBytes bytes = read_network(pack, pack.embedder.network);
  EmbedderSpec spec = pack.embedder;
  spec.dimension = 512;
  CHECK_THAT(refusal(spec, bytes), Catch::Contains("128 numbers to a picture, its manifest says 512"));
  spec = pack.embedder;
  spec.output = "none";
  CHECK_THAT(refusal(spec, bytes), Catch::Contains("no output named \"none\""));
  spec = pack.embedder;
  spec.input.width = 32;
  refusal(spec, bytes);

  // An embedder's network is no detector and no liveness network.
  const auto detector =
      real::runtimes()("opencv").detectors.front().make(pack.detector, std::vector<NetworkBytes>{bytes});
  CHECK(made::thrown_by([&] { detector->detect(plain(64, 64), 64); }).reason() == "MODEL_UNUSABLE");
  LivenessSpec liveness = *pack.liveness;
  liveness.networks.resize(1);
  liveness.live_index = 3;
  const std::vector<NetworkBytes> one{read_network(pack, liveness.networks[0].network)};
  const auto model = real::runtimes()("opencv").liveness.front().make(liveness, one);
  CHECK_THAT(made::thrown_by([&] {
               model->score(plain(90, 90), {30, 30, 20, 20});
             }).detail(),
             Catch::Contains("2 classes"));
}

TEST_CASE("faces that are embedded together get the templates that each gets alone") {
  std::vector<Image> chips;
  for (int i = 0; i < 20; ++i) {
    const Image person = real::person(1 + i % 5, 1 + i / 10);
    chips.push_back(real::engine().align(person, real::engine().find_faces(person).faces.at(0)));
  }
  const std::vector<Template> together = real::engine().embed_all(chips);
  REQUIRE(together.size() == chips.size());
  for (std::size_t i = 0; i < chips.size(); ++i) {
    CHECK(dot(together[i], real::engine().embed(chips[i])) == Approx(1).margin(1e-6));
  }
  CHECK(real::engine().embed_all({}).empty());
}

TEST_CASE("a template of both sides is the mean of the face's and its mirror image's") {
  const Pack pack = real::pack();
  const NetworkBytes bytes = read_network(pack, pack.embedder.network);
  EmbedderSpec spec = pack.embedder;
  spec.mirror = true;
  const auto both = embedder_runtime().make(spec, bytes);
  spec.mirror = false;
  const auto one = embedder_runtime().make(spec, bytes);
  const Image chip =
      real::engine().align(real::person(1, 1), real::engine().find_faces(real::person(1, 1)).faces.at(0));
  const Template face = one->embed(chip);
  const Template other = one->embed(mirrored(chip));
  Template mean;
  for (std::size_t i = 0; i < face.size(); ++i) mean.push_back(face[i] + other[i]);
  mean = normalised(mean);
  CHECK(dot(face, other) < 0.999);
  CHECK(dot(both->embed(chip), mean) == Approx(1).margin(1e-6));
  CHECK(dot(both->embed(chip), both->embed(mirrored(chip))) == Approx(1).margin(1e-6));
  spec.mirror = true;
  spec.dimension = 512;
  CHECK_THAT(refusal(spec, bytes), Catch::Contains("128 numbers to a picture, its manifest says 512"));
}

TEST_CASE(
    "a landmark network's answer is refused where it is another kind of answer, and left where it is odd") {
  const Pack pack = real::pack();
  const LandmarkRuntime& runtime = real::runtimes()("opencv").landmarks.front();
  LandmarkSpec spec = *pack.landmarks;
  spec.input = pack.embedder.input;
  const auto embedder = runtime.make(spec, read_network(pack, pack.embedder.network));
  const Error error = made::thrown_by([&] { embedder->place(plain(112, 112)); });
  CHECK(error.reason() == "MODEL_UNUSABLE");
  CHECK_THAT(error.detail(), Catch::Contains("128 numbers"));

  const Image chip =
      real::engine().align(real::person(1, 1), real::engine().find_faces(real::person(1, 1)).faces.at(0));
  const Image part = cut(chip, 24, 24, 64, 64);
  const NetworkBytes bytes = read_network(pack, pack.landmarks->network);
  CHECK(runtime.make(*pack.landmarks, bytes)->place(part).has_value());
  for (const double scale : {1e8, 1e20}) {
    spec = *pack.landmarks;
    spec.input.scale = scale;
    CHECK_FALSE(runtime.make(spec, bytes)->place(part).has_value());
  }
}

TEST_CASE("the detector takes pictures of any size") {
  const Pack pack = real::pack();
  const auto detector = real::runtimes()("opencv").detectors.front().make(
      pack.detector, std::vector<NetworkBytes>{read_network(pack, pack.detector.network)});
  // Thin ones answer nonsense with a score of 1 where the canvas has one row of cells only.
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 500}, {500, 1}, {31, 33}, {4000, 3}, {3, 4000}, {640, 480}}) {
    INFO(width << "x" << height);
    CHECK(detector->detect(plain(width, height), 640).empty());
  }
}

TEST_CASE("where memory is lacking no network is called unusable") {
  const Pack pack = real::pack();
  const NetworkBytes bytes = read_network(pack, pack.embedder.network);
  const Image chip = plain(112, 112);
  embedder_runtime();  // loaded while there is memory
  tight::check(std::size_t{96} << 20U, std::size_t{1} << 22U,
               [&] { embedder_runtime().make(pack.embedder, bytes)->embed(chip); });
}

TEST_CASE("a detector whose answers overflow finds nothing far away") {
  const Pack pack = real::pack();
  const Image image = real::person(1, 1);
  const double side = std::max(image.width, image.height);
  const NetworkBytes bytes = read_network(pack, pack.detector.network);
  for (const double scale : {-1e6, -100.0, -3.0, 0.1, 1.0, 3.0, 10.0, 100.0, 1e3, 1e6, 1e12, 1e18, 1e30}) {
    DetectorSpec spec = pack.detector;
    spec.input.scale = scale;
    spec.min_score = 0;
    const auto faces = real::runtimes()("opencv")
                           .detectors.front()
                           .make(spec, std::vector<NetworkBytes>{bytes})
                           ->detect(image, 320);
    double farthest = 0;
    for (const DetectedFace& face : faces) {
      // The boxes reach farther than their centres.
      for (const Point& p : face.landmarks) farthest = std::max({farthest, std::abs(p.x), std::abs(p.y)});
      const Point centre = face.box.centre();
      farthest =
          std::max({farthest, std::abs(centre.x), std::abs(centre.y), face.box.width, face.box.height});
    }
    CAPTURE(scale, faces.size());
    CHECK(farthest < 2.2 * side);
  }
}

TEST_CASE("alignment against a slow reference") {
  const Image image = real::person(1, 1);
  const FaceScene scene = real::engine().find_faces(image);
  const AlignmentSpec spec = real::pack().alignment;
  const Image chip = real::engine().align(image, scene.faces.at(0));
  REQUIRE((chip.width == 112 && chip.height == 112 && chip.pixels.size() == std::size_t{3} * 112 * 112));
  const Similarity back = best_similarity(spec.landmarks, scene.faces[0].landmarks);
  const Similarity forth = best_similarity(scene.faces[0].landmarks, spec.landmarks);
  double difference = 0;
  for (int y = 0; y < 112; ++y) {
    for (int x = 0; x < 112; ++x) {
      // The inverse of `forth`, by hand.
      const double u = x - forth.dx;
      const double v = y - forth.dy;
      const double square = forth.a * forth.a + forth.b * forth.b;
      const double sx = (forth.a * u + forth.b * v) / square;
      const double sy = (forth.a * v - forth.b * u) / square;
      const int x0 = static_cast<int>(std::floor(sx));
      const int y0 = static_cast<int>(std::floor(sy));
      if (x0 < 0 || y0 < 0 || x0 + 1 >= image.width || y0 + 1 >= image.height) continue;
      for (int c = 0; c < 3; ++c) {
        const double fx = sx - x0;
        const double fy = sy - y0;
        const double expected = (1 - fy) * ((1 - fx) * image.at(x0, y0)[c] + fx * image.at(x0 + 1, y0)[c]) +
                                fy * ((1 - fx) * image.at(x0, y0 + 1)[c] + fx * image.at(x0 + 1, y0 + 1)[c]);
        difference = std::max(difference, std::abs(expected - chip.at(x, y)[c]));
      }
    }
  }
  CHECK(difference < 6);  // OpenCV's places are rounded to 1/32 pixel
  CHECK(back.a * forth.a - back.b * forth.b == Approx(1).margin(0.05));

  // A face outside the picture is black.
  Landmarks outside = scene.faces[0].landmarks;
  for (Point& p : outside) p.x += 10'000;
  const Image black = real::align(image, outside, spec);
  CHECK(std::all_of(black.pixels.begin(), black.pixels.end(), [](std::uint8_t v) { return v == 0; }));
}
