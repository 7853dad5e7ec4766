// SPDX-License-Identifier: MIT
// A batch of searches, which are answered many at a time, against searches one by one.
#include "facesearch/service/search/search_batch.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <new>
#include <random>
#include <thread>

#include "catch.hpp"
#include "service/degrees.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::BatchAnswer;
using service::BatchInput;
using service::SearchRequest;
using service::SearchResult;

// Searches of the collections, all of them, with what was answered before it ended.
struct SearchesOfBatch {
  SearchesOfBatch(World& of, std::vector<std::string> in) : world(of), collections(std::move(in)) {}

  std::vector<BatchAnswer<SearchResult>> run(const std::vector<SearchRequest>& requests) {
    std::vector<BatchAnswer<SearchResult>> answers;
    std::size_t begun = 0;
    service::BatchWork work;
    work.engines = [this] { return std::make_unique<EngineCache>(world.engines->places(), World::runtimes); };
    work.threads = threads;
    work.stopped = stopped;
    work.max_record_age = max_record_age;
    fault = fault_of([&] {
      service::search_batch(
          world.store, world.caller, collections, work,
          [&]() -> std::optional<BatchInput<SearchRequest>> {
            if (begun == requests.size()) return std::nullopt;
            const std::size_t number = begun++;
            return BatchInput<SearchRequest>{std::to_string(number), [&, number] {
                                               if (on_read) on_read(number);
                                               return requests[number];
                                             }};
          },
          [&](auto group) {
            groups.push_back(group.size());
            answered += group.size();
            for (auto& answer : group) answers.push_back(std::move(answer));
            ++handed;
          });
    });
    return answers;
  }

  World& world;
  std::vector<std::string> collections;
  unsigned threads = 2;
  std::function<void(std::size_t)> on_read{};  // in the batch's threads
  std::function<bool()> stopped{};
  std::chrono::milliseconds max_record_age = service::BatchWork{}.max_record_age;
  std::vector<std::size_t> groups{};
  std::atomic<std::size_t> handed = 0;    // groups, for the batch's threads
  std::atomic<std::size_t> answered = 0;  // inputs
  Fault fault{};
};

SearchRequest request_for(const World& world, double degrees, const std::vector<std::string>& collections) {
  SearchRequest request;
  request.collection_id = collections.front();
  request.further.assign(collections.begin() + 1, collections.end());
  request.request_name = std::to_string(degrees);
  request.probe = service::GivenTemplate{at(degrees), fingerprint(world.engines->pack("fake"))};
  request.names_collections = collections.size() > 1;
  return request;
}

void fill(World& world, const std::vector<std::string>& collections, int faces, std::minstd_rand& random) {
  for (int i = 0; i < faces; ++i) {
    const FaceRecord face{Uuid::make(), Uuid::make(), "p" + std::to_string(i), {}, 1};
    // Whole degrees: many faces are as alike as others.
    const Template values = at(static_cast<double>(random() % 360));
    world.store.open(collections[random() % collections.size()])->write([&](WriteTransaction& transaction) {
      transaction.add(face, values);
    });
  }
}

void check_same(const SearchResult& found, const SearchResult& expected) {
  CHECK(found.request_name == expected.request_name);
  CHECK(found.matches_total == expected.matches_total);
  CHECK(found.policy_similarity == expected.policy_similarity);
  CHECK(found.expected_false_candidates == expected.expected_false_candidates);
  CHECK(found.user_name == expected.user_name);
  CHECK(found.liveness.applied == expected.liveness.applied);
  CHECK(found.liveness.score == expected.liveness.score);
  REQUIRE(found.seen.has_value() == expected.seen.has_value());
  if (found.seen) CHECK(found.seen->face.box.x == expected.seen->face.box.x);
  REQUIRE(found.warnings.size() == expected.warnings.size());
  for (std::size_t i = 0; i < found.warnings.size(); ++i) {
    CHECK(found.warnings[i].reason == expected.warnings[i].reason);
    CHECK(found.warnings[i].detail == expected.warnings[i].detail);
  }
  REQUIRE(found.basis.has_value() == expected.basis.has_value());
  if (found.basis) {
    CHECK(found.basis->probe == expected.basis->probe);
    CHECK(found.basis->faces == expected.basis->faces);
    CHECK(found.basis->limit == expected.basis->limit);
    CHECK(found.basis->fingerprint == expected.basis->fingerprint);
    CHECK(found.basis->min_cosine == expected.basis->min_cosine);
    CHECK(found.basis->false_match_rate == expected.basis->false_match_rate);
  }
  REQUIRE((listed(found) == listed(expected)));
  for (std::size_t i = 0; i < found.matches.size(); ++i) {
    CHECK(found.matches[i].collection == expected.matches[i].collection);
  }
}

}  // namespace

TEST_CASE("searches of a batch are answered as each by itself", "[search][batch]") {
  std::minstd_rand random(20261128);  // NOLINT(cert-msc51-cpp): the same each time
  for (int round = 0; round < 12; ++round) {
    World world;
    const std::vector<std::string> collections =
        round % 3 == 0 ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"a"};
    for (const std::string& id : collections) world.create(id);
    fill(world, collections, static_cast<int>(random() % 400), random);
    std::vector<SearchRequest> requests;
    for (int i = 0; i < 150; ++i) {
      auto& request =
          requests.emplace_back(request_for(world, static_cast<double>(random() % 3600) / 10, collections));
      request.limit = std::vector<std::size_t>{1, 3, 100, 10'000, 0}[random() % 5];
      request.mergeable = random() % 2 == 0;
      if (random() % 10 == 0) request.probe = portrait(static_cast<std::uint8_t>(1 + random() % 180));
      if (random() % 10 == 0) request.probe = service::GivenTemplate{at(1), "of another pack"};
      if (random() % 10 == 0) request.collection_id = "other";
    }
    SearchesOfBatch batch(world, collections);
    batch.threads = 1 + random() % 4;
    const auto answers = batch.run(requests);
    REQUIRE(answers.size() == requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      CAPTURE(round, i);
      CHECK(answers[i].input == std::to_string(i));
      SearchResult expected;
      auto context = world.context();
      const Fault fault = fault_of([&] { expected = service::search(context, world.caller, requests[i]); });
      const auto* error = std::get_if<Error>(&answers[i].outcome);
      REQUIRE((error != nullptr) == fault.thrown);
      if (error == nullptr) {
        check_same(std::get<SearchResult>(answers[i].outcome), expected);
      } else if (requests[i].collection_id == "other") {
        CHECK(error->reason() == "OTHER_COLLECTION");
      } else {
        CHECK(error->cause() == fault.cause);
        CHECK(error->reason() == fault.reason);
      }
    }
  }
}

TEST_CASE("searches that are ready together are answered together, each once", "[search][batch]") {
  World world;
  world.create("a");
  const std::vector<SearchRequest> requests(3000, request_for(world, 1, {"a"}));
  SearchesOfBatch batch(world, {"a"});
  // While the first opening of an answer waits, the others get ready.
  std::atomic<std::size_t> read = 0;
  batch.on_read = [&](std::size_t) { ++read; };
  std::atomic<int> opened = 0;
  world.store.before_open = [&](std::string_view) {
    if (++opened == 3) {
      while (read < 100) std::this_thread::yield();
    }
  };
  CHECK(batch.run(requests).size() == requests.size());
  CHECK(std::ranges::max(batch.groups) > 1);
  CHECK(std::ranges::max(batch.groups) <= 1024);
}

TEST_CASE("searches with many faces are answered some at a time", "[search][batch]") {
  World world;
  world.create("a");
  constexpr int kFaces = 200;
  std::vector<PaintedFace> faces;
  for (int i = 0; i < kFaces; ++i) faces.push_back({i % 20 * 60 + 10, i / 20 * 60 + 10, 40});
  constexpr std::size_t kRequests = 12;
  std::vector<SearchRequest> requests(kRequests, request_for(world, 1, {"a"}));
  for (SearchRequest& request : requests) {
    request.probe = picture(1'220, 620, faces);
    request.every_face = true;
    request.limit = 1;
  }
  SearchesOfBatch batch(world, {"a"});
  std::atomic<std::size_t> read = 0;
  batch.on_read = [&](std::size_t number) {
    // All are answered together.
    while (number == 0 && read < kRequests - 1) std::this_thread::yield();
    ++read;
  };
  const auto answers = batch.run(requests);
  REQUIRE(answers.size() == kRequests);
  for (const auto& answer : answers) CHECK(std::get<SearchResult>(answer.outcome).faces->size() == kFaces);
  CHECK(std::ranges::max(batch.groups) == 1'024 / kFaces);
}

TEST_CASE("what was ready before a fault that ends a batch is answered", "[search][batch]") {
  World world;
  world.create("a");
  std::vector<SearchRequest> requests(40, request_for(world, 1, {"a"}));
  SearchesOfBatch batch(world, {"a"});
  batch.on_read = [&](std::size_t number) {
    if (number == 7) throw Error(Cause::kImageInvalid, "NO_PICTURE", "");
  };
  requests[20].probe = portrait(10);
  world.remove_network("fake");
  auto answers = batch.run(requests);
  CHECK(batch.fault.cause == Cause::kModelMissing);
  REQUIRE(answers.size() == 20);
  CHECK(std::holds_alternative<Error>(answers[7].outcome));
  for (std::size_t i = 0; i < 20; ++i)
    CHECK((i == 7 || std::holds_alternative<SearchResult>(answers[i].outcome)));
}

TEST_CASE("a collection that is made again while a search is under way is not searched for it",
          "[search][batch]") {
  for (const std::string pack : {"fake", "other"}) {
    World world;
    world.create("a");
    world.install({.name = "other", .nms = 0.5});
    SearchesOfBatch batch(world, {"a"});
    batch.threads = 1;
    // Between the making of the probe and its answer.
    int opened = 0;
    world.store.before_open = [&](std::string_view) {
      if (++opened != 3) return;
      world.store.remove("a");
      world.create("a", World::easy(), pack);
    };
    SearchRequest request = request_for(world, 0, {"a"});
    const auto answers = batch.run({request});
    REQUIRE(answers.size() == 1);
    CHECK(std::get<Error>(answers[0].outcome).cause() == Cause::kStoreBusy);
    CHECK(std::get<Error>(answers[0].outcome).reason() == "CHANGED_MEANWHILE");
    CHECK_FALSE(batch.fault.thrown);

    opened = 0;
    world.store.before_open = [&](std::string_view) {
      if (++opened == 3) world.store.remove("a");
    };
    request.probe = service::GivenTemplate{at(0), fingerprint(world.engines->pack(pack))};
    CHECK(batch.run({request}).empty());
    CHECK(batch.fault.cause == Cause::kCollectionDeleted);
  }
}

TEST_CASE("one policy judges a probe and its matches, and a new one what comes then", "[search][batch]") {
  World world;
  world.create("a");
  const Template values = at(50);  // alike at 60 and not at 80
  world.store.open("a")->write([&](WriteTransaction& transaction) {
    transaction.add({Uuid::make(), Uuid::make(), "p", {}, 1}, values);
  });
  SearchesOfBatch batch(world, {"a"});
  batch.threads = 1;
  int opened = 0;
  world.store.before_open = [&](std::string_view) {
    if (++opened != 3) return;
    world.store.open("a")->update_policy([](const CollectionRecord& record) {
      Policy policy = record.policy;
      policy.similarity = 60;
      policy.search.liveness = true;
      return policy;
    });
  };
  batch.on_read = [&](std::size_t number) {
    while (number > 0 && batch.handed == 0) std::this_thread::yield();
  };
  batch.max_record_age = std::chrono::milliseconds(0);
  const auto answers = batch.run({request_for(world, 0, {"a"}), request_for(world, 0, {"a"})});
  REQUIRE(answers.size() == 2);
  const auto& first = std::get<SearchResult>(answers[0].outcome);
  CHECK(first.policy_similarity == 80);
  CHECK(first.matches.empty());
  CHECK(std::get<Error>(answers[1].outcome).reason() == "LIVENESS_UNCERTAIN");
}

TEST_CASE("a batch that is stopped answers no more of what is ready", "[search][batch]") {
  World world;
  world.create("a");
  SearchesOfBatch batch(world, {"a"});
  batch.stopped = [&] { return batch.groups.size() == 3; };
  const auto answers = batch.run(std::vector<SearchRequest>(5000, request_for(world, 1, {"a"})));
  CHECK(batch.groups.size() == 3);
  CHECK(answers.size() <= 3 * 1024);
  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(answers[i].input == std::to_string(i));
  CHECK_FALSE(batch.fault.thrown);
}

TEST_CASE("a batch that is stopped drops the searches that are being answered", "[search][batch]") {
  World world;
  world.create("a");
  std::minstd_rand random(3);  // NOLINT(cert-msc51-cpp): the same each time
  fill(world, {"a"}, 600, random);
  constexpr std::size_t kRequests = 100;
  for (const unsigned threads : {2U, 4U}) {
    // Some 15,000 rows are scored for all of them.
    std::vector<SearchRequest> requests(kRequests, request_for(world, 1, {"a"}));
    for (SearchRequest& request : requests) request.limit = 1'000;
    SearchesOfBatch batch(world, {"a"});
    batch.threads = threads;
    std::atomic<std::size_t> read = 0;
    batch.on_read = [&](std::size_t number) {
      // All are answered together.
      while (number == 0 && read < kRequests - 1) std::this_thread::yield();
      ++read;
    };
    std::atomic<bool> stopped = false;
    batch.stopped = [&] { return stopped.load(); };
    std::atomic<std::size_t> readings = 0;
    world.store.before_templates = [&](auto) {
      ++readings;
      stopped = true;
    };
    CHECK(batch.run(requests).size() < kRequests);
    CHECK(readings >= 1);
    CHECK(readings <= threads);
    CHECK_FALSE(batch.fault.thrown);
  }
}

TEST_CASE("damage costs the searches from the first on that meet it", "[search][batch]") {
  World world;
  world.create("a");
  for (const double degrees : {0.0, 180.0}) {
    world.store.open("a")->write([&](WriteTransaction& transaction) {
      transaction.add({Uuid::make(), Uuid::make(), "p", {}, 1}, at(degrees));
    });
  }
  constexpr std::size_t kRequests = 100;
  for (const std::size_t bad : {std::size_t{1}, std::size_t{63}, kRequests}) {
    std::vector<SearchRequest> requests(kRequests, request_for(world, 0, {"a"}));
    for (std::size_t i = bad; i < kRequests; i += 5) requests[i] = request_for(world, 180, {"a"});
    SearchesOfBatch batch(world, {"a"});
    std::atomic<std::size_t> read = 0;
    batch.on_read = [&](std::size_t number) {
      // All are answered together.
      while (number == 0 && read < kRequests - 1) std::this_thread::yield();
      ++read;
    };
    int readings = 0;
    world.store.before_templates = [&](std::span<const std::uint64_t> slots) {
      ++readings;
      if (slots.back() == 1) throw Error(Cause::kStoreDamaged, "", "the block is damaged");
    };
    const auto answers = batch.run(requests);
    world.store.before_templates = nullptr;
    CHECK(answers.size() == bad);
    for (const auto& answer : answers) CHECK(std::get<SearchResult>(answer.outcome).matches_total == 1);
    CHECK(batch.fault.is(Cause::kStoreDamaged, "") == (bad < kRequests));
    CHECK(readings <= 14);  // some for each halving, of which there are seven
  }
}

TEST_CASE("a lack of memory for many is none for each", "[search][batch]") {
  World world;
  world.create("a");
  constexpr std::size_t kRequests = 30;
  std::vector<SearchRequest> requests(kRequests, request_for(world, 1, {"a"}));
  SearchesOfBatch batch(world, {"a"});
  std::atomic<std::size_t> read = 0;
  batch.on_read = [&](std::size_t number) {
    // All are answered together, after the first.
    while (number == 0 && read < kRequests - 1) std::this_thread::yield();
    ++read;
  };
  const auto main = std::this_thread::get_id();
  bool refused = false;
  world.store.before_open = [&](std::string_view) {
    if (std::this_thread::get_id() != main || read < kRequests || refused) return;
    refused = true;
    throw std::bad_alloc();
  };
  const auto answers = batch.run(requests);
  CHECK(refused);
  REQUIRE(answers.size() == kRequests);
  for (const auto& answer : answers) CHECK(std::holds_alternative<SearchResult>(answer.outcome));
}

TEST_CASE("what is read of a batch and not answered is bounded", "[search][batch]") {
  World world;
  world.create("a");
  const std::vector<SearchRequest> requests(3000, request_for(world, 1, {"a"}));
  SearchesOfBatch batch(world, {"a"});
  constexpr std::size_t kMaxPending = 2050;
  std::atomic<std::size_t> read = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<bool> waited = false;
  batch.on_read = [&](std::size_t) {
    const std::size_t pending = ++read - batch.answered;
    if (pending > most) most = pending;
  };
  const auto main = std::this_thread::get_id();
  world.store.before_open = [&](std::string_view) {
    if (std::this_thread::get_id() != main || read == 0 || waited.exchange(true)) return;
    while (read < kMaxPending) std::this_thread::yield();  // as many as may come before the first answer
  };
  CHECK(batch.run(requests).size() == requests.size());
  CHECK(waited);
  CHECK(most == kMaxPending);
}

TEST_CASE("a busy store is the answer of the searches that met it", "[search][batch]") {
  World world;
  world.create("a");
  SearchesOfBatch batch(world, {"a"});
  batch.threads = 1;
  int opened = 0;
  world.store.before_open = [&](std::string_view) {
    if (++opened == 3) throw Error(Cause::kStoreBusy, "", "");
  };
  const auto answers = batch.run({request_for(world, 1, {"a"})});
  REQUIRE(answers.size() == 1);
  CHECK(std::get<Error>(answers[0].outcome).cause() == Cause::kStoreBusy);
  CHECK_FALSE(batch.fault.thrown);
}

}  // namespace facesearch::test
