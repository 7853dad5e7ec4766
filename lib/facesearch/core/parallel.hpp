// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

/// Work that several threads share: one loop over indexes. Threads are started for each call and end with it;
/// there is no pool.
namespace facesearch {

/// How many processors this process may use, at least 1: those of its affinity (taskset, cpuset), and no more
/// than its control groups' quota of time allows (containers), rounded up.
unsigned available_processors();

/// The quota in whole processors, at least 1, of the control groups that `membership` names
/// (/proc/self/cgroup; versions 1 and 2), in the hierarchies mounted below `mounts` (/sys/fs/cgroup): the
/// smallest of a group and those above it. None where nothing limits.
std::optional<unsigned> quota_of_groups(const std::filesystem::path& membership,
                                        const std::filesystem::path& mounts);

/// Starts up to `count` threads that run `work`: fewer, maybe none, where the system refuses more. `work`
/// must not throw.
std::vector<std::jthread> start_threads(std::size_t count, const std::function<void()>& work);

/// The indexes of one parallel_for(): each is given out once, in rising order, until one has failed.
class IndexQueue {
 public:
  explicit IndexQueue(std::size_t count) : count_(count) {}

  /// The next index, in `index`. False if there is none left, or work failed.
  bool next(std::size_t& index);

  /// Ends the loop. Of several failures that of the lowest index is kept.
  void fail(std::size_t index, std::exception_ptr failure);

  /// Throws the failure, if there was one. Once all threads have ended.
  void rethrow() const;

 private:
  std::mutex mutex_;  // guards what follows
  std::size_t count_;
  std::size_t next_ = 0;
  std::size_t failed_index_ = 0;
  std::exception_ptr failure_;
};

/// Works on every index below `count` with up to `threads` threads, of which the caller's is one; fewer where
/// the system refuses more. `open_worker` is called once in each thread and returns what that thread calls
/// with each of its indexes. Once one throws, no index is begun any more. Ends when all threads have ended;
/// then throws what failed first in the order of the indexes (opening a worker counts as index 0).
template <class OpenWorker>
void parallel_for(std::size_t count, std::size_t threads, const OpenWorker& open_worker) {
  if (count == 0) return;
  IndexQueue queue(count);
  const auto run = [&queue, &open_worker]() noexcept {
    std::size_t index = 0;
    try {
      auto work = open_worker();
      while (queue.next(index)) work(index);
    } catch (...) {
      queue.fail(index, std::current_exception());
    }
  };
  {
    const auto others = start_threads(std::clamp<std::size_t>(threads, 1, count) - 1, run);
    run();
  }
  queue.rethrow();
}

}  // namespace facesearch
