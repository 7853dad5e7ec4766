// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/detection_passes.hpp"

#include <cmath>
#include <functional>
#include <optional>

#include "catch.hpp"
#include "facesearch/face/pipeline/rotation.hpp"

using facesearch::detect_in_passes;
using facesearch::DetectedFace;
using facesearch::Detector;
using facesearch::DetectorSpec;
using facesearch::FaceScene;
using facesearch::Image;
using facesearch::Landmarks;
using facesearch::Point;

namespace {

struct Seen {
  int width;
  int height;
  int long_side;
  bool operator==(const Seen&) const = default;
};

class RecordingDetector final : public Detector {
 public:
  using Answer = std::function<std::vector<DetectedFace>(const Image&, std::size_t call)>;
  explicit RecordingDetector(Answer answer) : answer_(std::move(answer)) {}

  std::vector<DetectedFace> detect(const Image& image, int long_side) override {
    seen.push_back({image.width, image.height, long_side});
    return answer_(image, seen.size() - 1);
  }
  double smallest_face_px() const override { return smallest; }

  std::vector<Seen> seen;
  double smallest = 0;

 private:
  Answer answer_;
};

Image grey(int width, int height) {
  const std::size_t bytes = 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  return {width, height, std::vector<std::uint8_t>(bytes, 90)};
}

DetectedFace face(double score, double x = 10, double width = 20) {
  return {{x, 10, width, 25}, score, {{{x + 5, 15}, {x + 15, 15}, {x + 10, 22}, {x + 6, 30}, {x + 14, 30}}}};
}

FaceScene look(RecordingDetector& detector, const Image& image) {
  DetectorSpec spec;
  spec.sure_score = 0.92;
  spec.turned_score = 0.8;
  return detect_in_passes(detector, spec, image, 32);
}

// A face painted as five blocks of colour, and a detector that finds the blocks by looking at every pixel and
// takes them for a face only where they stand upright.
constexpr std::uint8_t kColours[5][3] = {{255, 0, 0}, {0, 0, 255}, {0, 255, 0}, {255, 0, 255}, {0, 255, 255}};
constexpr int kPlaces[5][2] = {{20, 30}, {50, 32}, {34, 45}, {24, 60}, {46, 62}};

Image painted(int width, int height, int size) {
  Image image = grey(width, height);
  for (int mark = 0; mark < 5; ++mark) {
    for (int y = kPlaces[mark][1] * size; y < (kPlaces[mark][1] + 2) * size; ++y) {
      for (int x = kPlaces[mark][0] * size; x < (kPlaces[mark][0] + 2) * size; ++x) {
        const std::size_t at =
            3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
        for (std::size_t c = 0; c < 3; ++c) image.pixels[at + c] = kColours[mark][c];
      }
    }
  }
  return image;
}

std::optional<Landmarks> blocks_in(const Image& image) {
  Landmarks middle{};
  for (std::size_t mark = 0; mark < 5; ++mark) {
    double count = 0;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const std::uint8_t* p = image.at(x, y);
        if (p[0] != kColours[mark][0] || p[1] != kColours[mark][1] || p[2] != kColours[mark][2]) continue;
        middle[mark].x += x + 0.5;
        middle[mark].y += y + 0.5;
        ++count;
      }
    }
    if (count < 1) return std::nullopt;
    middle[mark] = {middle[mark].x / count, middle[mark].y / count};
  }
  return middle;
}

std::vector<DetectedFace> find_blocks(const Image& image, std::size_t /*call*/) {
  const auto marks = blocks_in(image);
  const bool upright = marks && (*marks)[0].x < (*marks)[1].x && (*marks)[1].y < (*marks)[4].y &&
                       std::abs((*marks)[0].y - (*marks)[1].y) < std::abs((*marks)[0].x - (*marks)[1].x);
  if (!upright) return {};
  return {{{(*marks)[0].x, (*marks)[0].y, (*marks)[1].x - (*marks)[0].x, (*marks)[4].y - (*marks)[0].y},
           0.95,
           *marks}};
}

}  // namespace

TEST_CASE("a sure first look is the only one") {
  RecordingDetector detector([](const Image&, std::size_t) { return std::vector{face(0.92)}; });
  const FaceScene scene = look(detector, grey(640, 480));
  CHECK(scene.found_by == "first");
  CHECK(scene.quarter_turns == 0);
  CHECK(scene.faces.size() == 1);
  CHECK(detector.seen == std::vector<Seen>{{640, 480, 640}});
}

TEST_CASE("all looks are taken, in order, where nothing is found") {
  RecordingDetector detector([](const Image&, std::size_t) { return std::vector<DetectedFace>{}; });
  const FaceScene small = look(detector, grey(200, 100));
  CHECK(small.found_by.empty());
  CHECK(small.faces.empty());
  CHECK(
      detector.seen ==
      std::vector<Seen>{{200, 100, 640}, {200, 100, 100}, {100, 200, 640}, {200, 100, 640}, {100, 200, 640}});
  detector.seen.clear();
  look(detector, grey(2000, 1000));
  CHECK(detector.seen == std::vector<Seen>{{2000, 1000, 640},
                                           {2000, 1000, 320},
                                           {2000, 1000, 1280},
                                           {333, 666, 640},
                                           {666, 333, 640},
                                           {333, 666, 640}});
}

TEST_CASE("an unsure face is looked at again, and the better look is kept") {
  const auto scene_of = [](std::vector<std::vector<DetectedFace>> answers) {
    RecordingDetector detector([&](const Image&, std::size_t call) {
      return call < answers.size() ? answers[call] : std::vector<DetectedFace>{};
    });
    return look(detector, grey(400, 400));
  };
  CHECK(scene_of({{face(0.8)}}).found_by == "first");
  CHECK(scene_of({{face(0.8)}, {face(0.85)}}).found_by == "second");
  CHECK(scene_of({{}, {face(0.7)}}).found_by == "second");
  CHECK(scene_of({{face(0.8)}, {face(0.79)}}).found_by == "first");
  // A second look that loses a face is no better.
  CHECK(scene_of({{face(0.8), face(0.8, 200)}, {face(0.9)}}).faces.size() == 2);
  CHECK(scene_of({{face(0.8)}, {}, {face(0.9)}}).found_by == "turned-90");
  CHECK(scene_of({{face(0.8)}, {}, {}, {face(0.9)}}).found_by == "turned-180");
  CHECK(scene_of({{face(0.8)}, {}, {face(0.84)}, {}, {face(0.9)}}).found_by == "turned-270");
  // A turned look has to be clearly better, and good in itself.
  CHECK(scene_of({{face(0.8)}, {}, {face(0.82)}}).found_by == "first");
  CHECK(scene_of({{}, {}, {face(0.79)}}).found_by.empty());
  CHECK(scene_of({{}, {}, {face(0.81)}}).found_by == "turned-90");
}

TEST_CASE("faces come largest first, in one order whatever the detector's") {
  const std::vector<DetectedFace> made{face(0.93, 10, 20), face(0.95, 100, 40), face(0.94, 50, 20),
                                       face(0.93, 5, 20)};
  for (std::size_t first = 0; first < made.size(); ++first) {
    RecordingDetector detector([&](const Image&, std::size_t) {
      std::vector<DetectedFace> faces = made;
      std::rotate(faces.begin(), faces.begin() + static_cast<std::ptrdiff_t>(first), faces.end());
      return faces;
    });
    const FaceScene scene = look(detector, grey(400, 400));
    REQUIRE(scene.faces.size() == 4);
    CHECK(scene.faces[0].box.x == 100);
    CHECK(scene.faces[1].box.x == 50);
    CHECK(scene.faces[2].box.x == 5);
    CHECK(scene.faces[3].box.x == 10);
  }
}

TEST_CASE("what a turned look finds is told in the picture as given") {
  const int size = GENERATE(1, 3);  // 3: large enough to be reduced before it is turned
  const Image upright = painted(260 * size, 230 * size, size);
  const char* names[] = {"first", "turned-90", "turned-180", "turned-270"};
  for (int turns = 0; turns < 4; ++turns) {
    // The people of this picture stand upright after `turns` more.
    const Image given = facesearch::turned(upright, (4 - turns) % 4);
    RecordingDetector detector(find_blocks);
    const FaceScene scene = look(detector, given);
    INFO(turns << " turns, size " << size);
    REQUIRE(scene.faces.size() == 1);
    CHECK(scene.found_by == names[turns]);
    CHECK(scene.quarter_turns == turns);
    const Landmarks expected = *blocks_in(given);
    for (std::size_t mark = 0; mark < 5; ++mark) {
      CHECK(scene.faces[0].landmarks[mark].x == Approx(expected[mark].x).margin(1.01 * (size - 1)));
      CHECK(scene.faces[0].landmarks[mark].y == Approx(expected[mark].y).margin(1.01 * (size - 1)));
    }
    const facesearch::Box box = facesearch::turned_box(find_blocks(upright, 0)[0].box, upright.width,
                                                       upright.height, (4 - turns) % 4);
    CHECK(scene.faces[0].box.x == Approx(box.x).margin(1.01 * (size - 1)));
    CHECK(scene.faces[0].box.y == Approx(box.y).margin(1.01 * (size - 1)));
    CHECK(scene.faces[0].box.width == Approx(box.width).margin(2.02 * (size - 1)));
    CHECK(scene.faces[0].box.height == Approx(box.height).margin(2.02 * (size - 1)));
  }
}

TEST_CASE("pictures of any shape are looked at") {
  RecordingDetector detector([](const Image&, std::size_t) { return std::vector<DetectedFace>{}; });
  CHECK(look(detector, grey(16384, 1)).faces.empty());
  CHECK(look(detector, grey(1, 16384)).faces.empty());
  CHECK(look(detector, grey(1, 1)).faces.empty());
  detector.seen.clear();
  CHECK(look(detector, Image{}).faces.empty());
  CHECK(detector.seen.empty());
}

TEST_CASE("one sure face of a crowd does not hide the others") {
  // Faces of 60 px, 100 px apart, in 4000 x 3000. A look sees those that are 12 px wide in it, and always the
  // first.
  RecordingDetector detector([](const Image& /*image*/, std::size_t call) {
    std::vector<DetectedFace> faces{face(0.95, 100, 60)};
    if (call == 0) return faces;
    for (int i = 1; i < 8; ++i) faces.push_back(face(0.8, 100 + 100 * i, 60 - i));
    faces.push_back(face(0.9, 104, 55));     // the first once more
    faces.push_back(face(0.9, 1500, 1400));  // a texture
    return faces;
  });
  detector.smallest = 12;
  const FaceScene scene = look(detector, grey(4000, 3000));
  CHECK(detector.seen == std::vector<Seen>{{4000, 3000, 640}, {4000, 3000, 1280}, {4000, 3000, 2560}});
  REQUIRE(scene.faces.size() == 8);
  CHECK(scene.found_by == "first");
  CHECK(scene.faces.front().box.x == 100);
  CHECK(facesearch::faces_that_count(scene, 32) == 8);
  CHECK(facesearch::faces_that_count(scene, 60) == 1);
}

TEST_CASE("looks at larger scales end where no face that counts can be missed") {
  const auto sides = [](int width, int height, double face_width) {
    RecordingDetector detector(
        [&](const Image&, std::size_t) { return std::vector<DetectedFace>{face(0.95, 10, face_width)}; });
    detector.smallest = 12;
    (void)look(detector, grey(width, height));
    std::vector<int> all;
    for (const Seen& seen : detector.seen) all.push_back(seen.long_side);
    return all;
  };
  CHECK(sides(600, 400, 40) == std::vector<int>{640});          // nothing is reduced
  CHECK(sides(1600, 1200, 40) == std::vector<int>{640});        // 32 px are 12.8
  CHECK(sides(2000, 1500, 40) == std::vector<int>{640, 1280});  // 10.2, then 20.5
  CHECK(sides(4000, 3000, 1200) == std::vector<int>{640});      // a portrait: what counts is 300 px wide
  CHECK(sides(4000, 3000, 120) == std::vector<int>{640, 1280, 2560});
  CHECK(sides(3000, 2000, 60) == std::vector<int>{640, 1280});
  CHECK(sides(8000, 100, 60) == std::vector<int>{640, 1280, 2560, 5120});
}

TEST_CASE(
    "where the first looks find nothing, larger ones are made for the smallest face a collection takes") {
  RecordingDetector detector([](const Image& image, std::size_t call) {
    return image.width == 4000 && call > 5 ? std::vector<DetectedFace>{face(0.9, 100, 40)}
                                           : std::vector<DetectedFace>{};
  });
  detector.smallest = 12;
  const FaceScene scene = look(detector, grey(4000, 3000));
  CHECK(detector.seen.size() == 7);  // 640, 320, 1280, three turns, 2560: none twice
  REQUIRE(scene.faces.size() == 1);
  CHECK(scene.found_by == "second");
}

TEST_CASE("a crowd that lies on its side is looked at as it was found") {
  RecordingDetector detector([](const Image& image, std::size_t) {
    if (image.width >= image.height) return std::vector<DetectedFace>{};  // found only after a quarter turn
    std::vector<DetectedFace> faces{face(0.95, 10, 10)};
    if (image.height == 4000) faces = {face(0.95, 60, 60), face(0.9, 500, 50)};
    return faces;
  });
  detector.smallest = 12;
  const FaceScene scene = look(detector, grey(4000, 3000));
  CHECK(scene.found_by == "turned-90");
  CHECK(scene.faces.size() >= 2);
}

TEST_CASE("which faces count") {
  const auto count = [](const std::vector<DetectedFace>& faces, double least) {
    return facesearch::faces_that_count({faces, "first", 0}, least);
  };
  CHECK(count({}, 32) == 0);
  CHECK(count({face(0.3, 0, 10)}, 32) == 1);  // the largest always
  CHECK(count({face(0.9, 0, 100), face(0.9, 200, 26), face(0.9, 300, 24)}, 0) == 2);
  CHECK(count({face(0.9, 0, 100), face(0.9, 200, 26)}, 32) == 1);
  CHECK(count({face(0.9, 0, 100), face(0.69, 200, 90), face(0.7, 300, 90)}, 32) == 2);
}
