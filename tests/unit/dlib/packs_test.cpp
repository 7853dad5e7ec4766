// SPDX-License-Identifier: MIT
#include <cmath>

#include <fmt/format.h>

#include "catch.hpp"
#include "face/made_pack.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/face/pipeline/rotation.hpp"
#include "made_dlib.hpp"
#include "support/files.hpp"

using namespace facesearch;

namespace {

std::string network_json(const std::string& file, const std::string& bytes) {
  return fmt::format(
      R"({{"file": "{}", "bytes": {}, "sha256": "{}", "licence": "MIT", "source": "made for the tests"}})",
      file, bytes.size(), hex(sha256(bytes)));
}

const std::string& hog() {
  static const std::string bytes =
      test::contents(FACESEARCH_BINARY_DIR "/share/facesearch/networks/frontal_face_detector.dat");
  return bytes;
}

// Debian's libdlib-data has it.
const std::string& sixty_eight() {
  static const std::string bytes = test::contents("/usr/share/dlib/shape_predictor_68_face_landmarks.dat");
  return bytes;
}

// A pack like the catalogue's `dlib`, of models made here.
struct Made {
  explicit Made(std::string resnet_bytes = made::random_resnet(7),
                std::string shape_bytes = made::five_points(), const std::string& detector_bytes = hog(),
                const std::string& more = "")
      : resnet(std::move(resnet_bytes)) {
    folder.write("hog.dat", detector_bytes);
    folder.write("shape.dat", shape_bytes);
    folder.write("resnet.dat", resnet);
    const std::string any = R"("channels": "rgb", "mean": [0, 0, 0], "scale": 1)";
    folder.write(
        "manifest.json",
        fmt::format(R"({{"format": 1, "name": "made", "title": "Made", "detector": {{"runtime": "dlib-hog",
 "network": {}, "shape": {}, "input": {{"width": 0, "height": 0, {}}}, "min_score": 0.5, "nms": 0.3,
 "sure_score": 0.8, "turned_score": 0.7{}}},
 "alignment": {{"runtime": "dlib-chip", "width": 150, "height": 150, "padding": 0.25}},
 "embedder": {{"runtime": "dlib-resnet", "network": {}, "input": {{"width": 150, "height": 150, {}}},
 "output": "", "dimension": 128}}}})",
                    network_json("hog.dat", detector_bytes), network_json("shape.dat", shape_bytes), any,
                    more, network_json("resnet.dat", resnet), any));
  }

  FaceEngine engine() const { return {*pack_in(folder.path(), {}), real::runtimes()}; }

  made::Folder folder;
  std::string resnet;
};

double far(const Landmarks& a, const Landmarks& b) {
  const double eyes = std::hypot(a[1].x - a[0].x, a[1].y - a[0].y);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::hypot(a.at(i).x - b.at(i).x, a.at(i).y - b.at(i).y);
  return sum / 5 / eyes;
}

Error refusal(const Made& made) {
  FaceEngine engine = made.engine();
  return made::thrown_by([&] { engine.try_all(); });
}

}  // namespace

TEST_CASE("a pack of dlib's detector, five points and ResNet gives what dlib gives") {
  const Made made;
  FaceEngine engine = made.engine();
  engine.try_all();
  for (const int person : {1, 5, 9}) {
    const Image image = real::person(person, 3);
    const FaceScene scene = engine.find_faces(image);
    REQUIRE(scene.faces.size() == 1);
    const DetectedFace& face = scene.faces[0];
    REQUIRE(face.shape.size() == 5);
    DetectedFace seen = real::engine().find_faces(image).faces.at(0);
    real::engine().place_landmarks(image, seen);
    CHECK(far(seen.landmarks, face.landmarks) < 0.2);
    const Template values = engine.embed(engine.align(image, face));
    REQUIRE(values.size() == 128);
    CHECK(real::cosine(values, made::direct_resnet(made.resnet, image, face.shape, 0.25)) ==
          Approx(1).margin(1e-5));
    // Another network's answer is another one.
    CHECK(real::cosine(values, made::direct_resnet(made::random_resnet(8), image, face.shape, 0.25)) < 0.9);
  }
}

TEST_CASE("a face is as sharp and as bright as the built-in pack has it, though its aligned face is larger") {
  const Made made(made::random_resnet(7), sixty_eight());
  FaceEngine engine = made.engine();
  for (const int person : {1, 2, 3, 5, 8, 13}) {
    INFO("person " << person);
    const Image image = real::person(person, 2);
    DetectedFace seen = real::engine().find_faces(image).faces.at(0);
    real::engine().place_landmarks(image, seen);
    const Quality usual = real::engine().quality(image, seen, real::engine().align(image, seen));
    const DetectedFace face = engine.find_faces(image).faces.at(0);
    const Image chip = engine.align(image, face);
    const Quality quality = engine.quality(image, face, chip);
    CHECK(quality.sharpness == Approx(usual.sharpness).epsilon(0.35));
    CHECK(quality.brightness == Approx(usual.brightness).epsilon(0.1));
    // Of the larger picture it would be less.
    CHECK(measure_quality(image, face, chip).sharpness < 0.7 * usual.sharpness);
  }
}

TEST_CASE("a face that lies on its side is found and set upright") {
  const Made made(made::random_resnet(7), sixty_eight());
  FaceEngine engine = made.engine();
  const Image image = real::person(3, 1);
  const DetectedFace upright = engine.find_faces(image).faces.at(0);
  const Image chip = engine.align(image, upright);
  for (int turns = 1; turns <= 3; ++turns) {
    const Image lying = turned(image, turns);
    const FaceScene scene = engine.find_faces(lying);
    REQUIRE(scene.faces.size() == 1);
    CHECK(scene.quarter_turns == 4 - turns);
    CHECK(far(upright.landmarks,
              turned_face(scene.faces[0], lying.width, lying.height, 4 - turns).landmarks) < 0.05);
    // The points lie on whole pixels, so the chips differ a little.
    const Image other = engine.align(lying, scene.faces[0]);
    double sum = 0;
    for (std::size_t i = 0; i < chip.pixels.size(); ++i) sum += std::abs(chip.pixels[i] - other.pixels[i]);
    CHECK(sum / static_cast<double>(chip.pixels.size()) < 8);
  }
}

TEST_CASE(
    "a large picture's face is placed as a smaller one's, and a small one is found when it is enlarged") {
  const Made made(made::random_resnet(7), sixty_eight());
  FaceEngine engine = made.engine();
  const Image image = real::person(2, 1);
  const DetectedFace face = engine.find_faces(image).faces.at(0);
  Image large{4 * image.width, 4 * image.height, {}};
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x)
      large.pixels.insert(large.pixels.end(), image.at(x / 4, y / 4), image.at(x / 4, y / 4) + 3);
  }
  const DetectedFace found = engine.find_faces(large).faces.at(0);
  Landmarks back = found.landmarks;
  for (Point& p : back) p = {p.x / 4, p.y / 4};
  CHECK(far(face.landmarks, back) < 0.04);

  const Image small = averaged(image, 5);  // a face of 50 pixels; dlib's window has 80
  CHECK(engine.find_faces(small).faces.empty());
  const Made enlarging(made.resnet, sixty_eight(), hog(), R"(, "enlarge": 1)");
  FaceEngine finer = enlarging.engine();
  REQUIRE(finer.find_faces(small).faces.size() == 1);
  Landmarks grown = finer.find_faces(small).faces[0].landmarks;
  for (Point& p : grown) p = {5 * p.x, 5 * p.y};
  CHECK(far(face.landmarks, grown) < 0.1);
}

TEST_CASE("the smallest and thinnest pictures show nobody") {
  const Made made;
  FaceEngine engine = made.engine();
  for (const auto& [width, height] : {std::pair{1, 1}, {6, 9}, {12, 12}, {900, 4}, {3, 700}, {79, 81}}) {
    INFO(width << "x" << height);
    const Image image{width, height,
                      std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width * height), 90)};
    CHECK(engine.find_faces(image).faces.empty());
  }
}

TEST_CASE("models that are none, or of another kind, are refused by their file") {
  const std::string resnet = made::random_resnet(7);
  const auto shape = made::five_points();
  const auto check = [](const Made& made, const char* file) {
    const Error error = refusal(made);
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == "MODEL_UNUSABLE");
    CHECK_THAT(error.detail(), Catch::Contains(file));
  };
  check(Made(resnet, shape, "no detector"), "hog.dat");
  check(Made(resnet, shape, resnet), "hog.dat");
  check(Made(resnet, "no shape", hog()), "shape.dat");
  check(Made(resnet, resnet, hog()), "shape.dat");
  check(Made(shape), "resnet.dat");
  check(Made(resnet + "x"), "resnet.dat");
  for (std::size_t length = 1; length < resnet.size(); length = length * 5 + 3) {
    check(Made(resnet.substr(0, length)), "resnet.dat");
  }
}

TEST_CASE("the made detector is the one its manifests name") {
  const PackPlaces places{.catalog = FACESEARCH_SOURCE_DIR "/models",
                          .made = FACESEARCH_BINARY_DIR "/share/facesearch/networks"};
  for (const char* name : {"dlib", "dlib-densenet"}) {
    const Pack pack = find_pack(places, name);
    CHECK(read_network(pack, pack.detector.network).size() == hog().size());
  }
}

TEST_CASE("68 points are aligned as dlib aligns them") {
  const Made made(made::random_resnet(7), sixty_eight());
  FaceEngine engine = made.engine();
  const Image image = real::person(4, 2);
  const DetectedFace face = engine.find_faces(image).faces.at(0);
  REQUIRE(face.shape.size() == 68);
  DetectedFace seen = real::engine().find_faces(image).faces.at(0);
  real::engine().place_landmarks(image, seen);
  CHECK(far(seen.landmarks, face.landmarks) < 0.2);
  CHECK(real::cosine(engine.embed(engine.align(image, face)),
                     made::direct_resnet(made.resnet, image, face.shape, 0.25)) == Approx(1).margin(1e-5));
}
