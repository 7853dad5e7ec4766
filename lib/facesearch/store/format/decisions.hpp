// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/store/format/aligned_bytes.hpp"
#include "facesearch/store/records.hpp"

namespace facesearch::storage {

/// Decisions in a block of kDecisions; the last block may have fewer, and blocks after it none.
inline constexpr std::size_t kDecisionRows = 64;

/// A payload of kDecisions. `dimension`: that of templates. Throws Error(kInvalidValue, TEMPLATE_INVALID).
std::vector<std::uint8_t> write_decisions(std::span<const Decision> decisions, std::size_t dimension);

/// Throws Error(kStoreDamaged, RECORD_INVALID).
std::vector<Decision> read_decisions(Bytes payload, std::size_t dimension);

}  // namespace facesearch::storage
