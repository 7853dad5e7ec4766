// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/store_folder.hpp"

/// A file of 1 MiB that holds disk space for deletions. A deletion writes before it frees anything, so on a
/// full disk nothing else could make room.
namespace facesearch::storage {

/// Makes or extends the file, as far as the disk has space.
void keep_reserve(const StoreFolder& folder) noexcept;

/// Deletes the file, which frees its space. False if there was none.
bool give_reserve(const StoreFolder& folder) noexcept;

/// Runs `work`. If the disk was full, and `work` set `frees` (it frees more than it needs), frees the reserve
/// and runs it once more.
template <class Work>
auto with_reserve(const StoreFolder& folder, const bool& frees, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!error.is(reason::kNoSpace) || !frees || !give_reserve(folder)) throw;
  }
  return work();
}

}  // namespace facesearch::storage
