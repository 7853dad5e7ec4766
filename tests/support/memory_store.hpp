// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "facesearch/store/store.hpp"

namespace facesearch {

/// A store that lives as long as the object: for tests and for embedding. One process; thread-safe.
std::unique_ptr<Store> make_memory_store();

}  // namespace facesearch
