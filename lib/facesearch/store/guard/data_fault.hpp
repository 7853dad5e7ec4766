// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch {

/// True if a fatal signal of this thread comes from a collection's files: the thread was in LMDB, or
/// `address` (null: the signal has none) lies in the map of one. For signal handlers: allocates, locks and
/// throws nothing.
bool is_data_fault(const void* address) noexcept;

}  // namespace facesearch
