// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "facesearch/face/runtimes/runtime.hpp"

namespace facesearch::test {

/// Networks that read their answers from the colours of picture.hpp. Runtime names: `fake`.
const RuntimeTable& fake_runtimes();

/// While it lives, `action` runs once, when the fake detector next looks at a picture.
class DuringDetection {
 public:
  explicit DuringDetection(std::function<void()> action);
  ~DuringDetection();
  DuringDetection(const DuringDetection&) = delete;
  DuringDetection& operator=(const DuringDetection&) = delete;
};

}  // namespace facesearch::test
