// SPDX-License-Identifier: MIT
#include "facesearch/core/parallel.hpp"

#include <atomic>
#include <latch>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "facesearch/core/uuid.hpp"
#include "support/files.hpp"

using namespace facesearch;

TEST_CASE("a quota of control groups limits the processors, of either version and of any group above",
          "[parallel]") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("facesearch-" + Uuid::make().text());
  const auto write = [&](const fs::path& file, const std::string& text) {
    fs::create_directories((folder / file).parent_path());
    facesearch::test::overwrite(folder / file, text);
  };
  const auto quota = [&] { return quota_of_groups(folder / "membership", folder / "mounts"); };
  CHECK_FALSE(quota());
  write("membership", "4:memory:/a\n0::/service/job\n");
  CHECK_FALSE(quota());
  write("mounts/service/job/cpu.max", "max 100000\n");
  CHECK_FALSE(quota());
  write("mounts/service/cpu.max", "250000 100000\n");
  CHECK(quota() == 3U);
  write("mounts/service/job/cpu.max", "50000 100000\n");
  CHECK(quota() == 1U);
  write("membership", "0::/of/another/namespace\n");  // a container sees its group as the mount itself
  CHECK_FALSE(quota());
  write("mounts/cpu.max", "400000 100000\n");
  CHECK(quota() == 4U);
  fs::remove(folder / "mounts" / "cpu.max");

  write("membership", "5:cpuset:/b\n3:cpu,cpuacct:/a\n");
  write("mounts/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
  write("mounts/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(quota());
  write("mounts/cpu,cpuacct/a/cpu.cfs_quota_us", "200000\n");
  CHECK(quota() == 2U);
  for (const char* damaged : {"", "x", "100000", "0 100000", "100000 0", "-5 100000"}) {
    write("membership", "0::/\n");
    write("mounts/cpu.max", damaged);
    CHECK_FALSE(quota());
  }
  fs::remove_all(folder);
  CHECK(available_processors() >= 1);
  CHECK(available_processors() <= std::max(1U, std::thread::hardware_concurrency()));
}

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
