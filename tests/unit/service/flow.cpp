// SPDX-License-Identifier: MIT
#include "facesearch/service/batch/flow.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "catch.hpp"

namespace facesearch::testing {

TEST_CASE("a flow hands over in order, in groups, and never has more under way than its window", "[batch]") {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::atomic<int> begun = 0;
    std::atomic<int> handed = 0;
    std::atomic<int> most = 0;
    service::FlowLimits limits{.threads = threads, .window = 10, .group = 4};
    service::Flow<int, int> flow(limits,
                                 [&]() -> std::optional<int> {
                                   most = std::max(most.load(), begun - handed);
                                   return begun < 1000 ? std::optional(begun++) : std::nullopt;
                                 },
                                 {});
    std::vector<int> order;
    flow.run([] { return [](const int& number) { return number * number; }; },
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

TEST_CASE("a flow that is not ordered gives each once", "[batch]") {
  int begun = 0;
  service::Flow<int, int> flow(
      {.threads = 3, .group = 5, .ordered = false},
      [&]() -> std::optional<int> { return begun < 500 ? std::optional(begun++) : std::nullopt; }, {});
  std::set<int> seen;
  flow.run([] { return [](const int& number) { return number; }; },
           [&](auto group) {
             for (const auto& done : group) CHECK(seen.insert(done.out).second);
           });
  CHECK(seen.size() == 500);
}

TEST_CASE("a flow whose handing over has a price lets many share it", "[batch]") {
  int begun = 0;
  service::Flow<int, int> flow(
      {.threads = 2, .window = 100, .group = 20, .rest = 100'000, .ordered = false},  // times 1 ms
      [&]() -> std::optional<int> { return begun < 21 ? std::optional(begun++) : std::nullopt; }, {});
  std::atomic<bool> handed = false;
  std::atomic<int> done = 0;
  std::vector<std::size_t> groups;
  flow.run(
      [&] {
        return [&](const int& number) {
          // After the first is handed over 19 come one by one; all the while another one is under way.
          while (number > 0 && !handed) std::this_thread::yield();
          if (number > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          while (number == 1 && done < 20) std::this_thread::yield();
          ++done;
          return number;
        };
      },
      [&](auto group) {
        groups.push_back(group.size());
        if (!handed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        handed = true;
      });
  CHECK(groups == std::vector<std::size_t>{1, 20});
}

TEST_CASE("who sends one after the other is not made to wait for others", "[batch]") {
  // Would it wait, it would be 5 seconds for each.
  for (const service::FlowLimits& limits :
       {service::FlowLimits{.threads = 2, .group = 20, .rest = 5000},  // times 1 ms
        service::FlowLimits{.threads = 2, .group = 20, .linger = std::chrono::seconds(5)}}) {
    const auto start = std::chrono::steady_clock::now();
    std::atomic<int> answered = 0;
    int begun = 0;
    service::Flow<int, int> flow(limits,
                                 [&]() -> std::optional<int> {
                                   while (answered < begun) std::this_thread::yield();
                                   return begun < 10 ? std::optional(begun++) : std::nullopt;
                                 },
                                 {});
    flow.run([] { return [](const int& number) { return number; }; },
             [&](auto group) {
               std::this_thread::sleep_for(std::chrono::milliseconds(1));
               answered += static_cast<int>(group.size());
             });
    CHECK(answered == 10);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  }
}

TEST_CASE("what follows within a pause shares a handing over", "[batch]") {
  for (const bool ordered : {true, false}) {
    int begun = 0;
    service::Flow<int, int> flow(
        {.threads = 1,
         .group = 20,
         .linger = std::chrono::minutes(10),
         .pause = std::chrono::minutes(10),
         .ordered = ordered},
        [&]() -> std::optional<int> { return begun < 60 ? std::optional(begun++) : std::nullopt; }, {});
    std::vector<std::size_t> groups;
    flow.run([] { return [](const int& number) { return number; }; },
             [&](auto group) { groups.push_back(group.size()); });
    CHECK(groups == std::vector<std::size_t>{20, 20, 20});
  }
}

TEST_CASE("what a flow's threads, source or taker throw ends it", "[batch]") {
  struct Stop {};
  const auto endless = []() -> std::optional<int> { return 1; };
  bool cancelled = false;
  service::Flow<int, int> thrown_by_work({.threads = 2}, endless, [&] { cancelled = true; });
  CHECK_THROWS_AS(thrown_by_work.run([] { return [](const int&) -> int { throw Stop{}; }; }, [](auto) {}),
                  Stop);
  CHECK(cancelled);
  service::Flow<int, int> thrown_by_taker({.threads = 2, .window = 8}, endless, {});
  CHECK_THROWS_AS(
      thrown_by_taker.run([] { return [](const int& i) { return i; }; }, [](auto) { throw Stop{}; }), Stop);
  service::Flow<int, int> thrown_by_source({.threads = 2}, []() -> std::optional<int> { throw Stop{}; }, {});
  CHECK_THROWS_AS(thrown_by_source.run([] { return [](const int& i) { return i; }; }, [](auto) {}), Stop);
}

TEST_CASE("a fault ends a flow whose source waits", "[batch]") {
  struct Stop {};
  for (const bool by_source : {true, false}) {
    std::atomic<int> asked = 0;
    std::atomic<bool> cancelled = false;
    service::Flow<int, int> flow(
        {.threads = 2},
        [&]() -> std::optional<int> {
          if (asked++ == 0) {
            if (by_source) throw Stop{};
            return 1;
          }
          while (!cancelled) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return std::nullopt;
        },
        [&] { cancelled = true; });
    const auto work = [](const int&) -> int {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      throw Stop{};
    };
    CHECK_THROWS_AS(flow.run([&] { return work; }, [](auto) {}), Stop);
  }
}

}  // namespace facesearch::testing
