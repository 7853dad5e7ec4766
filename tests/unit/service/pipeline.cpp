// SPDX-License-Identifier: MIT
#include "facesearch/service/batch/pipeline.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "catch.hpp"

namespace facesearch::test {
namespace {

// As a duty_ratio: even the shortest take, of some 100 ns, is followed by minutes of waiting.
constexpr unsigned kForever = 1'000'000'000;

}  // namespace

TEST_CASE("a pipeline gives results in order, in groups, and never has more pending than it may", "[batch]") {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::atomic<int> begun = 0;
    std::atomic<int> handed = 0;
    std::atomic<int> most = 0;
    service::PipelineLimits limits{.threads = threads, .max_pending = 10, .max_group = 4};
    service::Pipeline<int, int> pipeline(limits,
                                         [&]() -> std::optional<int> {
                                           most = std::max(most.load(), begun - handed);
                                           return begun < 1000 ? std::optional(begun++) : std::nullopt;
                                         },
                                         {});
    std::vector<int> order;
    pipeline.run([] { return [](const int& number) { return number * number; }; },
                 [&](auto group) {
                   CHECK(group.size() <= 4);
                   for (const auto& done : group) {
                     CHECK(done.out == done.in * done.in);
                     order.push_back(done.in);
                   }
                   handed += static_cast<int>(group.size());
                 });
    REQUIRE(order.size() == 1000);
    CHECK(std::ranges::is_sorted(order));
    CHECK(most <= 10);
  }
}

TEST_CASE("a pipeline that is not ordered gives each result once", "[batch]") {
  int begun = 0;
  service::Pipeline<int, int> pipeline(
      {.threads = 3, .max_group = 5, .ordered = false},
      [&]() -> std::optional<int> { return begun < 500 ? std::optional(begun++) : std::nullopt; }, {});
  std::set<int> seen;
  pipeline.run([] { return [](const int& number) { return number; }; },
               [&](auto group) {
                 for (const auto& done : group) CHECK(seen.insert(done.out).second);
               });
  CHECK(seen.size() == 500);
}

TEST_CASE("after a take the next one waits for duty_ratio times its duration", "[batch]") {
  int begun = 0;
  service::Pipeline<int, int> pipeline(
      {.threads = 2, .max_pending = 100, .max_group = 20, .duty_ratio = kForever, .ordered = false},
      [&]() -> std::optional<int> { return begun < 21 ? std::optional(begun++) : std::nullopt; }, {});
  std::atomic<bool> taken = false;
  std::atomic<int> done = 0;
  std::vector<std::size_t> groups;
  pipeline.run(
      [&] {
        return [&](const int& number) {
          // After the first is taken 19 come one by one, so slowly that each could be taken alone; all the
          // while another one is under way.
          while (number > 0 && !taken) std::this_thread::yield();
          if (number > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          while (number == 1 && done < 20) std::this_thread::yield();
          ++done;
          return number;
        };
      },
      [&](auto group) {
        groups.push_back(group.size());
        taken = true;
      });
  CHECK(groups == std::vector<std::size_t>{1, 20});
}

TEST_CASE("a client that sends one input at a time is never delayed", "[batch]") {
  // Were it made to wait, this would not end.
  for (const service::PipelineLimits& limits :
       {service::PipelineLimits{.threads = 2, .max_group = 20, .duty_ratio = kForever},
        service::PipelineLimits{.threads = 2, .max_group = 20, .max_wait = std::chrono::hours(1)}}) {
    std::atomic<int> answered = 0;
    int begun = 0;
    service::Pipeline<int, int> pipeline(limits,
                                         [&]() -> std::optional<int> {
                                           while (answered < begun) std::this_thread::yield();
                                           return begun < 10 ? std::optional(begun++) : std::nullopt;
                                         },
                                         {});
    pipeline.run([] { return [](const int& number) { return number; }; },
                 [&](auto group) { answered += static_cast<int>(group.size()); });
    CHECK(answered == 10);
  }
}

TEST_CASE("what is begun within idle_wait joins the group", "[batch]") {
  for (const bool ordered : {true, false}) {
    int begun = 0;
    service::Pipeline<int, int> pipeline(
        {.threads = 1,
         .max_group = 20,
         .max_wait = std::chrono::minutes(10),
         .idle_wait = std::chrono::minutes(10),
         .ordered = ordered},
        [&]() -> std::optional<int> { return begun < 60 ? std::optional(begun++) : std::nullopt; }, {});
    std::vector<std::size_t> groups;
    pipeline.run([] { return [](const int& number) { return number; }; },
                 [&](auto group) { groups.push_back(group.size()); });
    CHECK(groups == std::vector<std::size_t>{20, 20, 20});
  }
}

TEST_CASE("a full group waits for no more, and all that is ready by then is taken", "[batch]") {
  for (const bool ordered : {true, false}) {
    std::atomic<int> asked = 0;
    std::atomic<bool> taken = false;
    service::Pipeline<int, int> pipeline({.threads = 1,
                                          .max_group = 20,
                                          .full_group = 5,
                                          .max_wait = std::chrono::minutes(10),
                                          .idle_wait = std::chrono::minutes(10),
                                          .ordered = ordered},
                                         [&]() -> std::optional<int> {
                                           const int number = asked++;
                                           while (number == 5 && !taken) std::this_thread::yield();
                                           return number < 28 ? std::optional(number) : std::nullopt;
                                         },
                                         {});
    std::vector<std::size_t> groups;
    pipeline.run([] { return [](const int& number) { return number; }; },
                 [&](auto group) {
                   groups.push_back(group.size());
                   taken = true;
                   // The end is asked for once all before it are done.
                   while (asked < 29) std::this_thread::yield();
                 });
    CHECK(groups == std::vector<std::size_t>{5, 20, 3});
  }
}

TEST_CASE("what a pipeline's threads, source or taker throw ends it", "[batch]") {
  struct Stop {};
  const auto endless = []() -> std::optional<int> { return 1; };
  bool cancelled = false;
  service::Pipeline<int, int> thrown_by_work({.threads = 2}, endless, [&] { cancelled = true; });
  CHECK_THROWS_AS(thrown_by_work.run([] { return [](const int&) -> int { throw Stop{}; }; }, [](auto) {}),
                  Stop);
  CHECK(cancelled);
  service::Pipeline<int, int> thrown_by_taker({.threads = 2, .max_pending = 8}, endless, {});
  CHECK_THROWS_AS(
      thrown_by_taker.run([] { return [](const int& i) { return i; }; }, [](auto) { throw Stop{}; }), Stop);
  service::Pipeline<int, int> thrown_by_source({.threads = 2}, []() -> std::optional<int> { throw Stop{}; },
                                               {});
  CHECK_THROWS_AS(thrown_by_source.run([] { return [](const int& i) { return i; }; }, [](auto) {}), Stop);
}

TEST_CASE("a failure ends a pipeline whose source waits", "[batch]") {
  struct Stop {};
  for (const bool by_source : {true, false}) {
    std::atomic<int> asked = 0;
    std::atomic<bool> cancelled = false;
    service::Pipeline<int, int> pipeline(
        {.threads = 2},
        [&]() -> std::optional<int> {
          if (asked++ == 0) {
            if (by_source) throw Stop{};
            return 1;
          }
          while (!cancelled) std::this_thread::yield();
          return std::nullopt;
        },
        [&] { cancelled = true; });
    const auto work = [&](const int&) -> int {
      while (asked < 2) std::this_thread::yield();  // the other thread waits for the source
      throw Stop{};
    };
    CHECK_THROWS_AS(pipeline.run([&] { return work; }, [](auto) {}), Stop);
  }
}

}  // namespace facesearch::test
