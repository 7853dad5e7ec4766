// SPDX-License-Identifier: MIT
#include "facesearch/service/search/search.hpp"

#include <atomic>
#include <cmath>
#include <memory>
#include <numbers>
#include <set>
#include <thread>

#include "catch.hpp"
#include "facesearch/service/search/gallery_search.hpp"
#include "service/fake_runtime.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

std::vector<std::string> reasons(const std::vector<service::Warning>& warnings) {
  std::vector<std::string> found;
  found.reserve(warnings.size());
  for (const auto& warning : warnings) found.push_back(warning.reason);
  return found;
}

// Blocks without rows.
class EmptyBlocks : public CodeReader {
 public:
  CodeBlock read(std::uint64_t) override { return {}; }
};

// How many threads read `blocks` blocks for `probes` probes.
std::size_t readers(std::uint64_t blocks, std::size_t probes, std::size_t threads) {
  const Template probe{1, 0};
  const std::vector<ExactSearch::Query> queries(probes, ExactSearch::Query{probe, -1, 1, 0, {}});
  std::atomic<std::size_t> opened = 0;
  service::ScanWork work;
  work.threads = threads;
  service::scan_blocks(
      queries, work, blocks,
      [&] {
        ++opened;
        return std::make_unique<EmptyBlocks>();
      },
      [](auto) {});
  return opened;
}

}  // namespace

TEST_CASE("a large gallery is scanned by as many threads as have enough to do", "[search]") {
  CHECK(readers(1, 1, 4) == 1);
  CHECK(readers(199, 1, 4) == 1);
  CHECK(readers(200, 1, 4) == 2);
  CHECK(readers(1'000, 1, 4) == 4);
  CHECK(readers(1'000, 1, 1) == 1);
  CHECK(readers(20, 5, 4) == 1);
  CHECK(readers(20, 20, 4) == 4);
}

TEST_CASE("a search tells who is at or above the threshold, best first", "[search]") {
  World world;
  world.create("a");
  const auto far = world.enroll("a", portrait(140), "far");
  const auto close = world.enroll("a", portrait(120), "close");
  const auto exact = world.enroll("a", portrait(100), "exact");
  world.enroll("a", portrait(146), "too far");  // cos 46° = 0.695 < 0.7
  auto context = world.context();
  const auto result = service::search(context, world.caller, {"a", "label", "user", portrait(100), 100});
  REQUIRE(result.matches.size() == 3);
  CHECK(result.matches[0].face == exact.face);
  CHECK(result.matches[0].person == exact.person);
  CHECK(result.matches[0].name == "exact");
  CHECK(result.matches[0].similarity == Approx(100).margin(1e-3));
  CHECK(result.matches[1].face == close.face);
  CHECK(result.matches[1].similarity ==
        Approx(90 + 10 * (std::cos(20 * std::numbers::pi / 180) - 0.9) / 0.1));
  CHECK(result.matches[2].face == far.face);
  CHECK(result.matches_total == 3);
  CHECK(result.request_name == "label");
  CHECK(result.user_name == "user");
  CHECK(result.policy_similarity == 80);
  CHECK(result.expected_false_candidates == Approx(4 * 1e-4));
  CHECK(result.seen->faces_found == 1);
  CHECK(result.seen->face.box.width == 60);
  CHECK(result.seen->found_by == "first");
  CHECK(result.warnings.empty());
  CHECK(world.search("a", portrait(100)).search_id != result.search_id);
}

TEST_CASE("nobody alike, or nobody at all, is a success with no matches", "[search]") {
  World world;
  world.create("a");
  const auto empty = world.search("a", portrait(10));
  CHECK(empty.matches.empty());
  CHECK(empty.expected_false_candidates == 0);
  world.enroll("a", portrait(170));
  CHECK(world.search("a", portrait(10)).matches_total == 0);
}

TEST_CASE("the limit keeps the best and all matches are counted; ties go by face id", "[search]") {
  World world;
  world.create("a");
  std::set<Uuid> ids;
  for (int i = 0; i < 7; ++i) ids.insert(world.enroll("a", portrait(20)).face);
  const auto best = world.enroll("a", portrait(10)).face;
  const auto result = world.search("a", portrait(10), 3);
  REQUIRE(result.matches.size() == 3);
  CHECK(result.matches_total == 8);
  CHECK(result.matches[0].face == best);
  CHECK(result.matches[1].face == *ids.begin());
  CHECK(result.matches[2].face == *std::next(ids.begin()));
  CHECK(world.search("a", portrait(10), 8).matches.size() == 8);
  for (const std::size_t wrong : {std::size_t{0}, kMaxCandidates + 1}) {
    CHECK(
        fault_of([&] { world.search("a", portrait(10), wrong); }).is(Cause::kInvalidValue, "LIMIT_INVALID"));
  }
  CHECK(world.search("a", portrait(10), kMaxCandidates).matches.size() == 8);
}

TEST_CASE("a face at exactly the threshold is a match", "[search]") {
  World world;
  Policy policy = World::easy();
  policy.similarity = 100;  // the cosine of the same picture with itself, to rounding
  world.create("a", policy);
  const auto same = portrait(90);  // (6e-17, 1): of norm 1 to the last bit
  world.enroll("a", same);
  CHECK(world.search("a", same).matches_total == 1);
  CHECK(world.search("a", portrait(91)).matches_total == 0);
}

TEST_CASE("remarks: several faces, found turned, a threshold beyond the measured", "[search]") {
  World world;
  world.create("a");
  const auto two = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 60}});
  const auto result = world.search("a", two);
  CHECK(reasons(result.warnings) == std::vector<std::string>{"SEVERAL_FACES"});
  CHECK(result.seen->faces_found == 2);
  CHECK(result.warnings[0].detail.find('2') != std::string::npos);
  const auto turned = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 60}}, false);
  CHECK(reasons(world.search("a", turned).warnings) ==
        std::vector<std::string>{"SEVERAL_FACES", "FOUND_TURNED"});

  const auto warned = [&](double similarity, double measured_to) {
    const std::string name = "b" + Uuid::make().text();
    Policy policy = World::easy();
    policy.similarity = similarity;
    world.install({.name = "other", .measured_to = measured_to});
    world.create(name, policy, "other");
    return !world.search(name, portrait(10)).warnings.empty();
  };
  for (const double points : {60.0, 70.0, 80.0, 90.0}) {
    const double rate = std::pow(10.0, 4 - points / 10);
    CHECK_FALSE(warned(points, rate));
    CHECK_FALSE(warned(points - 0.01, rate));
    CHECK(warned(points + 0.01, rate));
  }
}

TEST_CASE("liveness applies to the side that asks for it", "[search]") {
  World world;
  Policy policy = World::easy();
  policy.search.liveness = true;
  policy.search.liveness_threshold = 60;
  world.create("searched", policy);
  std::swap(policy.search, policy.enroll);
  world.create("enrolled", policy);
  const auto dead = portrait(10, 100);  // 39.2
  const auto alive = portrait(10, 200);

  CHECK_FALSE(world.enroll("searched", dead).probe.liveness.applied);
  CHECK(fault_of([&] { world.search("searched", dead); }).is(Cause::kLivenessFailed, "LIVENESS_FAILED"));
  const auto found = world.search("searched", alive);
  CHECK(found.liveness.applied);
  CHECK(found.liveness.threshold == 60);
  CHECK(found.liveness.score == Approx(100 * 200 / 255.0));

  CHECK(fault_of([&] { world.enroll("enrolled", dead); }).is(Cause::kLivenessFailed, "LIVENESS_FAILED"));
  CHECK(world.faces("enrolled") == 0);
  CHECK(world.enroll("enrolled", alive).probe.liveness.applied);
  CHECK_FALSE(world.search("enrolled", dead).liveness.applied);
}

TEST_CASE("several faces are refused or chosen from, as the side's policy says", "[search]") {
  World world;
  world.create("a");  // enrolment rejects, search takes the largest
  const auto two = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 60}});
  CHECK(fault_of([&] { world.enroll("a", two); }).is(Cause::kRefused, "TOO_MANY_FACES"));
  CHECK_NOTHROW(world.search("a", two));
  Policy policy = World::easy();
  std::swap(policy.enroll, policy.search);
  world.create("b", policy);
  CHECK(fault_of([&] { world.search("b", two); }).is(Cause::kRefused, "TOO_MANY_FACES"));
  const auto made = world.enroll("b", two);
  CHECK(made.probe.seen->face.box.x == 10);
  CHECK(reasons(made.warnings) == std::vector<std::string>{"SEVERAL_FACES"});
}

TEST_CASE("a deletion waits for the search under way, which answers as if nothing were", "[search]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(10));
  std::thread deletion;
  const DuringDetection hook([&] {
    deletion = std::thread([&] { world.store.remove("a"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  const Fault fault = fault_of([&] { CHECK(world.search("a", portrait(10)).matches_total == 1); });
  deletion.join();
  INFO(fault);
  CHECK_FALSE(fault.thrown);
  CHECK(fault_of([&] { world.search("a", portrait(10)); }).cause == Cause::kCollectionDeleted);
}

TEST_CASE("what is added while the picture is looked at is searched too", "[search]") {
  World world;
  world.create("a");
  const auto late = portrait(10);
  const DuringDetection hook([&] { world.enroll("a", late); });
  CHECK(world.search("a", late).matches_total == 1);
}

}  // namespace facesearch::test
