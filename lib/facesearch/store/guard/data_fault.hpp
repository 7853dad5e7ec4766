// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch {

/// True if a fatal signal of this thread comes from a collection's files: LMDB was at work, or `address`
/// (null: the signal has none) lies in the map of one. For signal handlers: allocates, locks and throws
/// nothing.
bool is_data_fault(const void* address) noexcept;

}  // namespace facesearch
