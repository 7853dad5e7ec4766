// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/service/compare/dedupe.hpp"

namespace facesearch::contract {

/// What faces of a collection are alike: `result`, a list of pairs, or `clusters`, of groups of face ids. The
/// public API has no such call; a face is described as in the answer of a search.
std::string to_json(const service::DedupeResult& result);

}  // namespace facesearch::contract
