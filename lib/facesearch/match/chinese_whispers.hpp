// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/match/pair_search.hpp"

namespace facesearch {

/// Groups the nodes 0 … nodes − 1 of a graph by Chinese whispers (Biemann 2006): the label of each, counted
/// from 0 in the order of the nodes. The labels are those of dlib::chinese_whispers for edges of
/// weight 1, with its hundred rounds and its seed; it stops early when no node would change any more. Edges
/// are of two different nodes below `nodes`, each there once, in any order. Needs 8 bytes an edge.
std::vector<std::uint32_t> chinese_whispers(std::size_t nodes, std::span<const RowPair> edges);

}  // namespace facesearch
