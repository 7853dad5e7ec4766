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

/// How pictures are read, and how much of the machine is used.
struct PictureWork {
  std::function<std::unique_ptr<EngineCache>()> engines;  ///< one a thread
  std::function<std::vector<std::uint8_t>(const std::string&)> read;
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< by one thread at a time
  std::function<bool()> stopped{};  ///< asked before each picture, by any thread; empty: never
  unsigned threads = 1;
};

/// Thrown where `PictureWork::stopped` ended the work.
struct Stopped {};

/// Calls `work_on` with every index below `count`, from several threads, each with engines of its own. What
/// it throws ends the loop; of several errors that of the lowest index is thrown here. Throws Stopped.
void for_each_picture(const PictureWork& work, std::size_t count,
                      const std::function<void(EngineCache&, std::size_t)>& work_on);

/// Runs `work` on one of many pictures. Returns the reason if the picture is refused, else an empty text.
/// Errors that are not the picture's are thrown on.
std::string fault_of_picture(const std::function<void()>& work);

}  // namespace facesearch::service
