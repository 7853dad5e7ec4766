// SPDX-License-Identifier: MIT
#include "facesearch/core/parallel.hpp"

#include <sched.h>

#include <cmath>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace facesearch {
namespace {

namespace fs = std::filesystem;

// The affinity of this process. hardware_concurrency() counts all processors of the machine.
unsigned processors_of_affinity() {
  for (int most = CPU_SETSIZE; most <= 1 << 20; most *= 2) {  // the kernel refuses a set smaller than its own
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(most));
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(most));
    const int failed = ::sched_getaffinity(0, bytes, set);
    const int count = failed == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return static_cast<unsigned>(count);
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

std::optional<double> number_in(std::istream& stream) {
  double number = 0;
  if (!(stream >> number)) return std::nullopt;
  return number;
}

// Microseconds of processor time in a period; none where there is no limit: "max" in version 2, -1 in
// version 1.
std::optional<unsigned> quota_of(const fs::path& group) {
  std::ifstream both(group / "cpu.max");
  std::ifstream first(group / "cpu.cfs_quota_us");
  std::ifstream second(group / "cpu.cfs_period_us");
  const auto quota = number_in(both.is_open() ? both : first);
  const auto period = number_in(both.is_open() ? both : second);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<unsigned>(std::clamp(std::ceil(*quota / *period), 1.0, 1e6));
}

// The hierarchy that counts processors in a line "number:controllers:group": the only one of version 2, or
// that of the controller cpu.
bool limits_processors(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

}  // namespace

unsigned available_processors() {
  static const unsigned count = [] {
    const unsigned affinity = processors_of_affinity();
    const auto quota = quota_of_groups("/proc/self/cgroup", "/sys/fs/cgroup");
    return quota ? std::min(affinity, *quota) : affinity;
  }();
  return count;
}

std::optional<unsigned> quota_of_groups(const fs::path& membership, const fs::path& mounts) {
  std::optional<unsigned> least;
  std::ifstream lines(membership);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !limits_processors(controllers)) continue;
    // In a container a group's path may not be visible; its mount then is the group itself.
    fs::path group = fs::path(line.substr(second + 1)).relative_path();
    for (;; group = group.parent_path()) {
      const auto quota = quota_of(mounts / controllers / group);
      if (quota) least = least ? std::min(*least, *quota) : *quota;
      if (group.empty()) break;
    }
  }
  return least;
}

std::vector<std::jthread> start_threads(std::size_t count, const std::function<void()>& work) {
  std::vector<std::jthread> threads;
  threads.reserve(count);
  try {
    while (threads.size() < count) threads.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are share the work.
  }
  return threads;
}

bool IndexQueue::next(std::size_t& index) {
  const std::lock_guard lock(mutex_);
  if (failure_ || next_ == count_) return false;
  index = next_++;
  return true;
}

void IndexQueue::fail(std::size_t index, std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  if (failure_ && failed_index_ <= index) return;
  failure_ = std::move(failure);
  failed_index_ = index;
}

void IndexQueue::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace facesearch
