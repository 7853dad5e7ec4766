// SPDX-License-Identifier: MIT
#pragma once

// How much a test that draws or repeats does: little with a fixed seed, or all with a new one where
// FACESEARCH_FULL is set (scripts/test --full). FACESEARCH_SEED replays a run.

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace facesearch::test {

inline bool full_extent() {
  return std::getenv("FACESEARCH_FULL") != nullptr;
}

// Printed, so that a failure can be replayed.
inline unsigned drawn_seed() {
  const char* given = std::getenv("FACESEARCH_SEED");
  unsigned seed = full_extent() ? std::random_device{}() : 1;
  if (given != nullptr) seed = static_cast<unsigned>(std::stoul(given));
  std::cout << "FACESEARCH_SEED=" << seed << '\n';
  return seed;
}

}  // namespace facesearch::test
