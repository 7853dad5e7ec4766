// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/engine.hpp"

#include <array>
#include <limits>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/face/pipeline/rotation.hpp"
#include "made_pack.hpp"

using namespace facesearch;

namespace {

// What the fakes were asked; each test starts with its own.
struct Asked {
  int detectors = 0;
  int landmarks = 0;
  int passes = 0;
  bool no_landmarks = false;
  bool turn = false;
  int embedders = 0;
  std::vector<std::size_t> chips;  // of each call
  int liveness = 0;
  std::size_t liveness_networks = 0;
  DetectedFace found{{1, 2, 3, 4}, 0.95, {}};
  Image live_image;
  Box live_box;
};
Asked asked;  // NOLINT: makers are plain functions

class FakeDetector final : public Detector {
 public:
  std::vector<DetectedFace> detect(const Image&, int) override { return {asked.found}; }
};
// Says that the right eye lies 2 pixels further right, the rest where it was.
class FakeLandmarks final : public LandmarkModel {
 public:
  explicit FakeLandmarks(Landmarks points) : points_(points) { points_[0].x += 2; }
  std::optional<Landmarks> place(const Image& chip) override {
    CHECK((chip.width == 64 && chip.height == 64));
    ++asked.passes;
    if (asked.no_landmarks) return std::nullopt;
    if (!asked.turn) return points_;
    Landmarks turned = points_;  // by 0.1 radians about the middle
    for (Point& p : turned) p = {p.x - 0.1 * (p.y - 32), p.y + 0.1 * (p.x - 32)};
    return turned;
  }

 private:
  Landmarks points_;
};
class FakeEmbedder final : public Embedder {
 public:
  std::vector<Template> embed_all(std::span<const Image> chips) override {
    asked.chips.push_back(chips.size());
    std::vector<Template> templates;
    for (const Image& chip : chips) templates.push_back({static_cast<float>(chip.width), 0});
    return templates;
  }
};
class FakeLiveness final : public LivenessModel {
 public:
  double score(const Image& image, const Box& box) override {
    asked.live_image = image;
    asked.live_box = box;
    return 0.75;
  }
};

constexpr std::array kDetectors{
    DetectorRuntime{"other", nullptr},
    DetectorRuntime{
        "opencv-yunet",
        [](const DetectorSpec&, std::span<const NetworkBytes> bytes) -> std::unique_ptr<Detector> {
          CHECK((bytes.size() == 1 && bytes[0].size() == 5));
          ++asked.detectors;
          return std::make_unique<FakeDetector>();
        }}};
constexpr std::array kLandmarks{LandmarkRuntime{
    "opencv-landmarks", [](const LandmarkSpec& spec, const NetworkBytes&) -> std::unique_ptr<LandmarkModel> {
      ++asked.landmarks;
      return std::make_unique<FakeLandmarks>(spec.points);
    }}};
constexpr std::array kEmbedders{
    EmbedderRuntime{"opencv-onnx", [](const EmbedderSpec&, const NetworkBytes&) -> std::unique_ptr<Embedder> {
                      ++asked.embedders;
                      return std::make_unique<FakeEmbedder>();
                    }}};
constexpr std::array kLiveness{LivenessRuntime{
    "opencv-minifasnet",
    [](const LivenessSpec&, std::span<const NetworkBytes> bytes) -> std::unique_ptr<LivenessModel> {
      ++asked.liveness;
      asked.liveness_networks = bytes.size();
      return std::make_unique<FakeLiveness>();
    }}};
constexpr std::array kAlignments{
    AlignmentRuntime{"opencv-similarity", [](const Image&, const DetectedFace&, const AlignmentSpec& spec) {
                       return Image{spec.width, spec.height, {}};
                     }}};
const RuntimeTable kTable{kDetectors, kLandmarks, kEmbedders, kLiveness, kAlignments};

const RuntimeTable& table_of(std::string_view library) {
  static const RuntimeTable none{};
  return library == "opencv" ? kTable : none;
}

struct Installed {
  Installed() {
    asked = {};
    for (const char* file : {"detector", "landmarks", "embedder", "near", "far"}) {
      folder.write(std::string("made/nets/") + file + ".onnx", "hello");
    }
    folder.write("made/manifest.json", made::manifest());
  }
  made::Folder folder;
};

Image noise(int width, int height) {
  Image image{width, height, {}};
  unsigned state = 5;
  for (int i = 0; i < 3 * width * height; ++i) {
    state = state * 1664525U + 1013904223U;
    image.pixels.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  return image;
}

}  // namespace

TEST_CASE("networks are read when they are first used, and once") {
  Installed installed;
  FaceEngine engine(find_pack({installed.folder.path(), {}}, "made"), table_of);
  CHECK((asked.detectors == 0 && asked.embedders == 0 && asked.liveness == 0));
  const Image image = noise(40, 30);
  CHECK(engine.find_faces(image).faces.size() == 1);
  engine.find_faces(image);
  CHECK((asked.detectors == 1 && asked.embedders == 0 && asked.liveness == 0));
  const Image chip = engine.align(image, {});
  CHECK((chip.width == 112 && chip.height == 112));
  CHECK(engine.embed(chip) == Template{112, 0});
  engine.embed(chip);
  CHECK((asked.embedders == 1 && asked.liveness == 0));
  asked.chips.clear();
  CHECK(engine.embed_all(std::vector<Image>(35, chip)) == std::vector<Template>(35, {112, 0}));
  CHECK(asked.chips == std::vector<std::size_t>{16, 16, 3});
  REQUIRE(engine.has_liveness());
  engine.liveness(image, {}, {{1, 2, 3, 4}, 1, {}});
  engine.liveness(image, {}, {{1, 2, 3, 4}, 1, {}});
  CHECK((asked.liveness == 1 && asked.liveness_networks == 2));
}

TEST_CASE("landmarks are placed anew in the picture's own coordinates") {
  Installed installed;
  Pack pack = find_pack({installed.folder.path(), {}}, "made");
  // The manifest's points, twice as large, turned by 90° clockwise and moved.
  for (std::size_t i = 0; i < asked.found.landmarks.size(); ++i) {
    const Point p = pack.landmarks->points.at(i);
    asked.found.landmarks.at(i) = {500 - 2 * p.y, 100 + 2 * p.x};
  }
  const Landmarks before = asked.found.landmarks;
  asked.found.box = {380, 130, 80, 80};
  const auto placed = [&] {
    FaceEngine engine(pack, table_of);
    const Image image = noise(900, 700);
    DetectedFace face = engine.find_faces(image).faces.at(0);
    engine.place_landmarks(image, face);
    return face.landmarks;
  };
  const Landmarks after = placed();
  CHECK((asked.landmarks == 1 && asked.passes == 1));
  CHECK(after[0].x == Approx(before[0].x));
  CHECK(after[0].y == Approx(before[0].y + 4));
  for (std::size_t i = 1; i < after.size(); ++i) {
    CHECK(after.at(i).x == Approx(before.at(i).x));
    CHECK(after.at(i).y == Approx(before.at(i).y));
  }
  SECTION("not where the detector's say nothing") {
    // Chosen so that no turn of them comes closer to the manifest's points than shrinking them to nothing
    // does: as complex numbers about the mean, w the manifest's, z these, the sum of w·conj(z) is 0.
    Point mean;
    for (const Point& p : pack.landmarks->points) mean = {mean.x + p.x / 5, mean.y + p.y / 5};
    const auto [right, left] = std::pair(pack.landmarks->points[0], pack.landmarks->points[1]);
    asked.found.landmarks.fill({50, 50});
    asked.found.landmarks[0] = {50 + left.x - mean.x, 50 - (left.y - mean.y)};
    asked.found.landmarks[1] = {50 - (right.x - mean.x), 50 + right.y - mean.y};
    CHECK(placed()[0].x == asked.found.landmarks[0].x);
  }
  SECTION("as the mean of the face's and its mirror image's where the pack says so") {
    pack.landmarks->mirror = true;
    const Landmarks& points = pack.landmarks->points;
    const Landmarks both = placed();
    CHECK(asked.passes == 1 + 2);
    // The fake moves the right eye by 2; in the mirror image that is the left one, by -2.
    const std::array<std::size_t, 5> other{1, 0, 2, 4, 3};
    for (std::size_t i = 0; i < both.size(); ++i) {
      const Point seen{points.at(i).x + (i == 0 ? 2 : 0), points.at(i).y};
      const Point back{63 - points.at(other.at(i)).x - (i == 1 ? 2 : 0), points.at(other.at(i)).y};
      CHECK(both.at(i).x == Approx(500 - (seen.y + back.y)));
      CHECK(both.at(i).y == Approx(100 + seen.x + back.x));
    }
  }
  SECTION("again and again while the face still turns, four times at most") {
    asked.turn = true;
    placed();
    CHECK(asked.passes == 1 + 4);
  }
  SECTION("not where they come to lie far from the face") {
    asked.found.box = {20, 20, 80, 80};
    CHECK(placed()[0].y == before[0].y);
  }
  SECTION("not where the network's answer is none") {
    asked.no_landmarks = true;
    CHECK(placed()[0].y == before[0].y);
  }
  SECTION("not where the pack has no network for it") {
    pack.landmarks.reset();
    CHECK(placed()[0].y == before[0].y);
  }
}

TEST_CASE("a runtime or a file that is not there is told when it is needed") {
  Installed installed;
  Pack pack = find_pack({installed.folder.path(), {}}, "made");
  pack.embedder.runtime = "made-up";
  pack.liveness.reset();
  std::filesystem::remove_all(installed.folder.path() / "made/nets");
  FaceEngine engine(pack, table_of);
  const Error runtime = made::thrown_by([&] { engine.embed({}); });
  CHECK(runtime.cause() == Cause::kModelMissing);
  CHECK(runtime.reason() == "RUNTIME_MISSING");
  CHECK_THAT(runtime.detail(), Catch::Contains("made-up"));
  CHECK(made::thrown_by([&] { engine.find_faces(noise(9, 9)); }).reason() == "MODEL_FILE_MISSING");
  CHECK_FALSE(engine.has_liveness());
  CHECK(made::thrown_by([&] { engine.liveness(noise(9, 9), {}, {}); }).cause() == Cause::kInternal);
}

TEST_CASE("liveness sees the face upright with its surroundings") {
  Installed installed;
  FaceEngine engine(find_pack({installed.folder.path(), {}}, "made"), table_of);
  const Image upright = noise(300, 200);
  const Box box{140, 60, 20, 30};
  for (int turns = 0; turns < 4; ++turns) {
    const int back = (4 - turns) % 4;
    const Image given = turned(upright, back);
    const DetectedFace face = turned_face({box, 0.9, {}}, 300, 200, back);
    FaceScene scene{{face}, "first", turns};
    const LivenessResult result = engine.liveness(given, scene, face);
    CHECK(result.score == Approx(75));
    CHECK(result.certain);
    CHECK(asked.live_box.width == Approx(20));
    CHECK(asked.live_box.height == Approx(30));
    // Around the box lie the same pixels as in the upright picture, as far as a crop of four boxes can reach.
    const int left = static_cast<int>(asked.live_box.x);
    const int top = static_cast<int>(asked.live_box.y);
    REQUIRE((left >= 60 && top >= 60));
    REQUIRE((asked.live_image.width - left >= 20 + 60 && asked.live_image.height - top >= 30 + 70));
    if (turns != 0) CHECK(asked.live_image.width <= 8 * 20 + 2);
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x < 140; ++x) {
        const std::uint8_t* expected = upright.at(140 - 60 + x, 60 - 60 + y);
        const std::uint8_t* seen = asked.live_image.at(left - 60 + x, top - 60 + y);
        if (!std::equal(expected, expected + 3, seen)) FAIL("another pixel at " << x << ", " << y);
      }
    }
  }
}

TEST_CASE("liveness is uncertain where the face fills the picture") {
  Installed installed;
  FaceEngine engine(find_pack({installed.folder.path(), {}}, "made"), table_of);
  const Image image = noise(270, 270);
  const auto certain = [&](double side) {
    return engine.liveness(image, {}, {{270 - side, 0, side, side}, 1, {}}).certain;
  };
  CHECK(certain(50));
  CHECK(certain(199));  // 1.36 boxes of 2.7
  CHECK_FALSE(certain(201));
  CHECK_FALSE(certain(270));
}

TEST_CASE("a box far outside the picture, or of no numbers, does no harm") {
  Installed installed;
  FaceEngine engine(find_pack({installed.folder.path(), {}}, "made"), table_of);
  const Image image = noise(40, 30);
  for (const double odd : {-1e300, -1e10, 1e10, 1e300, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    for (const Box& box : {Box{odd, odd, 5, 5}, Box{1, 1, odd, odd}, Box{odd, odd, odd, odd}}) {
      CAPTURE(box.x, box.width);
      engine.liveness(image, {{}, "first", 1}, {box, 1, {}});
      CHECK((asked.live_image.width >= 1 && asked.live_image.width <= 30));
      CHECK((asked.live_image.height >= 1 && asked.live_image.height <= 40));
    }
    engine.liveness(image, {{}, "first", 1}, {{odd, odd, 5, 5}, 1, {}});
    const std::uint8_t* nearest = odd > 0 ? image.at(39, 29) : image.at(0, 0);
    CHECK(asked.live_image.pixels == std::vector<std::uint8_t>(nearest, nearest + 3));
  }
}

TEST_CASE("packs and engines are made once, runtimes when a face is looked at") {
  Installed installed;
  int loads = 0;
  EngineCache cache({installed.folder.path(), {}}, [&loads](std::string_view) -> const RuntimeTable& {
    ++loads;
    return kTable;
  });
  const Pack& pack = cache.pack("made");
  CHECK(pack.name == "made");
  CHECK(&cache.pack("made") == &pack);
  CHECK(loads == 0);
  FaceEngine& engine = cache.engine("made");
  CHECK(&cache.engine("made") == &engine);
  CHECK(loads == 0);
  engine.find_faces(noise(40, 30));
  CHECK(loads == 1);
  CHECK(made::thrown_by([&] { cache.engine("none"); }).reason() == "PACK_NOT_FOUND");
  CHECK(loads == 1);
}
