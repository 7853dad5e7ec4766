// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/store_folder.hpp"

/// Space that a store keeps for deletions: they write before they free anything, and on a full disk nothing
/// else could make room.
namespace facesearch::storage {

/// Takes the space that the store has not yet, as far as there is any.
void keep_reserve(const StoreFolder& folder) noexcept;

/// Gives the space to whoever asks next. False if there was none.
bool give_reserve(const StoreFolder& folder) noexcept;

/// Runs `work`; once more, with the reserve, where the disk was full and `frees` is true by then: that the
/// work frees more than it needs.
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
