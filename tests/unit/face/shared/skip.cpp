// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

namespace {

// A user has no such folder: the whole executable is then skipped.
struct SkipWithoutShared : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo& /*run*/) override {
    if (std::filesystem::is_directory(FACESEARCH_SHARED_DIR "/models/yunet")) return;
    std::puts("skipped: no real networks in " FACESEARCH_SHARED_DIR);
    std::exit(77);
  }
};
CATCH_REGISTER_LISTENER(SkipWithoutShared)

}  // namespace
