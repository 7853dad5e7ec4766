// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"

namespace facesearch::service {

/// How many pictures come in, and how much of the machine is used.
struct PictureWork {
  std::function<std::unique_ptr<EngineCache>()> engines;  ///< one a thread
  std::function<std::vector<std::uint8_t>(const std::string&)> read;
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< by one thread at a time
  unsigned threads = 1;
};

/// Calls `look` with every number below `count`, a number a thread, each thread with engines of its own. What
/// it throws ends the work, and the fault of the lowest number is thrown here.
void for_each_picture(const PictureWork& work, std::size_t count,
                      const std::function<void(EngineCache&, std::size_t)>& look);

/// Runs `look` at one of many pictures and answers the reason why the picture does not do; empty: it does.
/// What is no fault of the picture is thrown on.
std::string fault_of_picture(const std::function<void()>& look);

}  // namespace facesearch::service
