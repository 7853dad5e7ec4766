// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/calibrate.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>

#include "catch.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

// Person p's pictures are painted p degrees and a little more; a file is named by its degrees.
struct Studio {
  Studio() {
    for (int person = 1; person < 86; ++person) {
      for (const int more : {0, 85}) {
        request.pictures.push_back({std::to_string(person + more), "person" + std::to_string(person)});
      }
    }
    request.pack = "fake";
    request.source = "painted";
    work.engines = [this] { return std::make_unique<EngineCache>(world.engines->places(), World::runtimes); };
    work.read = [](const std::string& file) { return portrait(static_cast<std::uint8_t>(std::stoi(file))); };
    work.threads = 3;
  }

  service::CalibrateResult run() const { return service::calibrate(request, work); }
  Fault fault() const {
    return fault_of([&] { run(); });
  }

  World world;
  service::CalibrateRequest request;
  service::PictureWork work;
};

// Its pack `raw` has no calibration yet, and the user's own have a place.
struct RawStudio : Studio {
  RawStudio() {
    world.install({.name = "raw", .calibrated = false, .nms = 0.6});
    request.pack = "raw";
    places = world.engines->places();
    places.calibrations = places.installed / "own" / "calibrations";
  }

  PackPlaces places;
};

double cosine_of(const std::string& a, const std::string& b) {
  return std::cos((std::stoi(a) - std::stoi(b)) * std::numbers::pi / 180);
}

}  // namespace

TEST_CASE("points, mates and the most alike strangers are those of every pair", "[calibrate]") {
  Studio studio;
  studio.request.top = 7;
  std::size_t last = 0;
  studio.work.progress = [&](std::size_t done, std::size_t total) {
    CHECK(done == ++last);
    CHECK(total == 170);
  };
  const auto result = studio.run();
  CHECK(last == 170);

  std::vector<double> strangers;
  std::size_t mates = 0;
  for (std::size_t a = 0; a < 170; ++a) {
    for (std::size_t b = a + 1; b < 170; ++b) {
      const auto& one = studio.request.pictures[a];
      const auto& other = studio.request.pictures[b];
      if (one.person == other.person) {
        ++mates;
      } else {
        strangers.push_back(cosine_of(one.file, other.file));
      }
    }
  }
  std::ranges::sort(strangers, std::greater<>());
  CHECK(result.pictures == 170);
  CHECK(result.people == 85);
  CHECK(result.skipped.empty());
  CHECK(result.mates == mates);
  CHECK(result.non_mates == strangers.size());
  CHECK(result.points.measured == 2);
  CHECK(result.points.calibration.source == "painted");
  for (std::size_t i = 0; i < 2; ++i) {
    const auto above = static_cast<std::size_t>(std::pow(10, -1.0 - static_cast<double>(i)) * 14'280);
    CHECK(result.points.calibration.cosine_at_fmr[i] == Approx(strangers[above]).margin(1e-6));
  }
  CHECK(result.tar[0] == 0);  // mates are painted 85 degrees apart
  REQUIRE(result.top.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(result.top[i].cosine == Approx(strangers[i]).margin(1e-6));
    CHECK(result.top[i].cosine == Approx(cosine_of(result.top[i].a, result.top[i].b)).margin(1e-6));
  }
}

TEST_CASE("what is excluded is not compared, whichever way round", "[calibrate]") {
  Studio studio;
  const auto all = studio.run();
  studio.request.excluded = {{"2", "1"}, {"person7", "person6"}};
  const auto less = studio.run();
  CHECK(less.non_mates == all.non_mates - 1 - 4);
  CHECK(less.mates == all.mates);
  CHECK(less.excluded == 1 + 4);
  CHECK(all.excluded == 0);
  studio.request.excluded = {{"person7", "persn6"}};
  CHECK(studio.fault().is(Cause::kInvalidValue, "LIST_INVALID"));
  CHECK(studio.fault().says("'persn6'"));
  for (const auto& pair : less.top) CHECK_FALSE((pair.a == "1" && pair.b == "2"));
}

TEST_CASE("only the pairs that are listed are compared", "[calibrate]") {
  Studio studio;
  studio.request.pairs.emplace();
  for (std::size_t a = 0; a < 100; ++a) {
    for (std::size_t b = a + 1; b <= a + 40; ++b) studio.request.pairs->push_back({a, b, b % 10 == 0});
  }
  const auto result = studio.run();
  CHECK(result.people == 0);
  CHECK(result.mates + result.non_mates == 4'000);
  CHECK(result.mates == 400);
}

TEST_CASE("pictures that are none are skipped and counted, other faults end the run", "[calibrate]") {
  Studio studio;
  const auto read = studio.work.read;
  studio.work.read = [&](const std::string& file) -> std::vector<std::uint8_t> {
    if (file == "3") return {};
    if (file == "4") return {'x'};
    if (file == "5") return picture(50, 50, {});
    return read(file);
  };
  const auto result = studio.run();
  CHECK(result.skipped == std::map<std::string, std::size_t>{
                              {"IMAGE_EMPTY", 1}, {"IMAGE_FORMAT_UNKNOWN", 1}, {"FACE_NOT_FOUND", 1}});
  studio.work.read = [&](const std::string& file) -> std::vector<std::uint8_t> {
    if (file == "77") throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", "gone");
    return read(file);
  };
  CHECK(studio.fault().is(Cause::kInvalidValue, "FILE_NOT_FOUND"));
  // Of several faults it is the first picture's, whichever thread is faster.
  studio.work.read = [](const std::string& file) -> std::vector<std::uint8_t> {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", file);
  };
  for (int round = 0; round < 50; ++round) CHECK(studio.fault().detail == studio.request.pictures[0].file);
  studio.work.read = read;
  studio.request.pictures.resize(60);
  CHECK(studio.fault().is(Cause::kInvalidValue, "TOO_FEW_PAIRS"));
  studio.request.pack = "nobody";
  CHECK(studio.fault().is(Cause::kModelMissing, "PACK_NOT_FOUND"));
}

TEST_CASE("a calibration that is kept gives a pack's scores their meaning", "[calibrate]") {
  RawStudio studio;
  World& world = studio.world;
  const PackPlaces& places = studio.places;
  const auto result = studio.run();
  CHECK(fault_of([&] {
          world.create("a", World::easy(), "raw");
        }).is(Cause::kInvalidValue, "PACK_NOT_CALIBRATED"));

  const auto calibration_of = [&](const char* pack) {
    return find_calibration(places, world.engines->pack(pack));
  };
  const auto file = service::keep_calibration(places, result);
  CHECK(file == calibration_file(places, result.fingerprint));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  REQUIRE(::stat(places.calibrations.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0700U);
  world.use(places);
  world.create("a", World::easy(), "raw");
  CHECK(world.store.open("a")->record().binding.calibration == result.points.calibration);
  // It goes before the manifest's own, and is for that pack alone.
  auto mine = result;
  mine.fingerprint = fingerprint(world.engines->pack("fake"));
  service::keep_calibration(places, mine);
  world.use(places);
  CHECK(calibration_of("fake") == mine.points.calibration);
  world.install({.name = "raw", .calibrated = false, .nms = 0.7});
  world.use(places);
  CHECK_FALSE(calibration_of("raw"));

  std::filesystem::copy_file(file, calibration_file(places, mine.fingerprint),
                             std::filesystem::copy_options::overwrite_existing);
  world.use(places);
  const Fault fault = fault_of([&] { world.create("b"); });
  CHECK(fault.is(Cause::kInvalidValue, "CALIBRATION_INVALID"));
  CHECK(fault.says("fingerprint must be that of the pack"));
  CHECK(fault.says("delete the file"));
  // What needs no calibration goes on, and so does what mends it.
  CHECK_NOTHROW(world.engines->engine("fake"));
  service::keep_calibration(places, mine);
  CHECK_NOTHROW(world.create("b"));
}

TEST_CASE("a provisional calibration does not take the place of one that was measured meanwhile",
          "[calibrate]") {
  RawStudio studio;
  World& world = studio.world;
  const PackPlaces& places = studio.places;
  const auto measured = studio.run();
  auto estimated = measured;
  estimated.points.calibration.provisional = true;
  estimated.points.calibration.source = "estimated";
  const Pack& pack = world.engines->pack("raw");

  CHECK_NOTHROW(service::require_unmeasured(places, "raw"));
  service::keep_calibration(places, estimated);
  CHECK(find_calibration(places, pack)->provisional);
  CHECK_NOTHROW(service::require_unmeasured(places, "raw"));
  service::keep_calibration(places, measured);
  const Fault fault = fault_of([&] { service::keep_calibration(places, estimated); });
  CHECK(fault.is(Cause::kInvalidValue, "PACK_CALIBRATED"));
  CHECK(fault.says("the pack raw has a calibration that was measured (painted)"));
  CHECK(find_calibration(places, pack) == measured.points.calibration);
  CHECK(fault_of([&] {
          service::require_unmeasured(places, "raw");
        }).is(Cause::kInvalidValue, "PACK_CALIBRATED"));
}

TEST_CASE("work that is stopped begins no picture any more", "[calibrate]") {
  Studio studio;
  std::atomic<int> begun = 0;
  const auto read = studio.work.read;
  studio.work.read = [&](const std::string& file) {
    ++begun;
    return read(file);
  };
  studio.work.stopped = [&] { return begun >= 10; };
  CHECK_THROWS_AS(studio.run(), service::Stopped);
  CHECK(begun >= 10);
  CHECK(begun < 10 + static_cast<int>(studio.work.threads));
}

TEST_CASE("what is left behind of an earlier write does no harm, and what cannot be kept is not measured",
          "[calibrate]") {
  Studio studio;
  PackPlaces places = studio.world.engines->places();
  places.calibrations = places.installed / "own" / "calibrations";
  auto result = studio.run();
  result.points.calibration.source = std::string(1000, 's');
  service::keep_calibration(places, result);
  result.points.calibration.source = "short";
  service::keep_calibration(places, result);
  CHECK(find_calibration(places, studio.world.engines->pack("fake")) == result.points.calibration);
  CHECK(std::distance(std::filesystem::directory_iterator(places.calibrations), {}) == 1);

  studio.work.read = [](const std::string&) -> std::vector<std::uint8_t> {
    FAIL("no picture is looked at");
    return {};
  };
  for (const std::string& source : {std::string(1001, 's'), std::string("two\nlines"), std::string()}) {
    studio.request.source = source;
    CHECK(studio.fault().is(Cause::kInvalidValue, "CALIBRATION_INVALID"));
  }
}

TEST_CASE("the share of mates found is theirs at or above each point", "[calibrate]") {
  Studio studio;
  // Every person's second picture is painted as the first, but every fourth person's.
  for (std::size_t i = 1; i < studio.request.pictures.size(); i += 2) {
    const int first = std::stoi(studio.request.pictures[i - 1].file);
    studio.request.pictures[i].file = std::to_string(first % 4 == 0 ? first + 85 : first);
  }
  const auto result = studio.run();
  CHECK(result.mates == 85);
  CHECK(result.tar[0] == Approx(64.0 / 85));
  CHECK(result.tar[1] == Approx(64.0 / 85));
}

}  // namespace facesearch::test
