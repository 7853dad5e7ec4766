// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/match/operating_points.hpp"

namespace facesearch {

/// Points at FMR 10⁻¹ … 10⁻⁴ of real people, estimated from the cosines of pairs of the synthetic people that
/// come with the program (models/people). Synthetic people are more alike than real ones, so a point lies
/// where more of their pairs are above it; by how much was fitted on packs that were measured both ways
/// (scripts/fit-provisional, docs/models.md). The point at 10⁻⁵ is extrapolated as operating_points does.
/// Throws Error(kInvalidValue) with TOO_FEW_PAIRS, PAIRS_ALIKE.
OperatingPoints provisional_points(const CosineCounts& synthetic, std::string source);

}  // namespace facesearch
