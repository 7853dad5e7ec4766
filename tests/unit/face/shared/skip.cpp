// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

// A user has no such folder: the whole executable is then skipped, before Catch2 starts.
bool skip_without_shared() {
  if (std::filesystem::is_directory(FACESEARCH_SHARED_DIR "/models/yunet")) return false;
  std::puts("skipped: no real networks in " FACESEARCH_SHARED_DIR);
  std::exit(77);
}

[[maybe_unused]] const bool kSkipped = skip_without_shared();

}  // namespace
