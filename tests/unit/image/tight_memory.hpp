// SPDX-License-Identifier: MIT
#pragma once

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <new>
#include <string>

#include "catch.hpp"
#include "facesearch/core/error.hpp"

/// What becomes of work for which there is not enough memory.
namespace tight {

/// A sanitizer's own memory is not to be limited.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kCanLimit = false;
#else
inline constexpr bool kCanLimit = true;
#endif

/// What is large is mapped alone from the start, so that none of it comes from memory that other tests freed.
inline const int kMappedAlone = mallopt(M_MMAP_THRESHOLD, 1 << 16);
/// Nor from address space that glibc keeps for threads that have ended.
inline const int kOneArena = mallopt(M_ARENA_MAX, 1);

/// The process may map `headroom` bytes more while this lives.
class Limit {
 public:
  explicit Limit(std::size_t headroom) {
    malloc_trim(0);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    getrlimit(RLIMIT_AS, &before_);
    rlimit now = before_;
    now.rlim_cur = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + headroom;
    setrlimit(RLIMIT_AS, &now);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

/// Does `work` with more and more headroom up to `enough`. It must end well or with std::bad_alloc, and each
/// of them at least once.
template <class Work>
void check(std::size_t enough, std::size_t step, Work&& work) {
  if (!kCanLimit || kMappedAlone == 0 || kOneArena == 0) return;
  int done = 0;
  int lacked = 0;
  std::string wrong;
  for (std::size_t headroom = 0; headroom <= enough; headroom += step) {
    try {
      const Limit limit(headroom);
      work();
      ++done;
    } catch (const std::bad_alloc&) {
      ++lacked;
    } catch (const facesearch::Error& error) {
      wrong = error.detail();
    }
  }
  CHECK(done > 0);
  CHECK(lacked > 0);
  CHECK(wrong == "");
}

}  // namespace tight
