// SPDX-License-Identifier: MIT
#include "facesearch/core/parallel.hpp"

#include <atomic>
#include <latch>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "catch.hpp"

using namespace facesearch;

TEST_CASE("every index is worked on once, whatever the number of threads", "[parallel]") {
  for (const std::size_t threads : {0U, 1U, 2U, 7U, 100U}) {
    for (const std::size_t count : {0U, 1U, 5U, 1000U}) {
      std::vector<std::atomic<int>> worked(count);
      std::atomic<std::size_t> opened = 0;
      parallel_for(count, threads, [&] {
        ++opened;
        return [&](std::size_t index) { ++worked[index]; };
      });
      for (const auto& times : worked) CHECK(times == 1);
      CHECK(opened <= std::max<std::size_t>(threads, 1));
      CHECK((count == 0 ? opened == 0 : opened >= 1));
    }
  }
}

TEST_CASE("the threads of a loop work at the same time", "[parallel]") {
  constexpr std::ptrdiff_t kThreads = 3;
  std::latch all_there(kThreads);  // a thread that waited for another to end would never get past it
  parallel_for(kThreads, kThreads, [&] { return [&](std::size_t) { all_there.arrive_and_wait(); }; });
  CHECK(all_there.try_wait());
}

TEST_CASE("the failure of the lowest index is thrown, and nothing is begun after one", "[parallel]") {
  for (const std::size_t threads : {1U, 4U}) {
    std::atomic<std::size_t> begun = 0;
    std::latch both(threads == 1 ? 1 : 2);
    const auto fail = [&](std::size_t index) {
      ++begun;
      if (index != 3 && index != 4) return;
      if (threads > 1) both.arrive_and_wait();  // 4 has begun when 3 fails
      throw std::runtime_error(std::to_string(index));
    };
    CHECK_THROWS_WITH(parallel_for(100'000'000, threads, [&] { return fail; }), "3");
    CHECK(begun >= 4);
    CHECK(begun < 100'000'000);
  }
  const auto open = []() -> void (*)(std::size_t) { throw std::runtime_error("no worker"); };
  CHECK_THROWS_WITH(parallel_for(5, 2, open), "no worker");
}
