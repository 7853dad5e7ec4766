// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/records.hpp"

/// The binary values of a collection's tables in layout 1, which is read once and rewritten. Readers copy
/// (LMDB aligns to 2 bytes only), check every size and throw Error(kStoreDamaged, RECORD_INVALID).
namespace facesearch::storage::layout1 {

/// A value of the table `faces`: version 1 (1), slot (8), person (16), time (8), name, number of metadata
/// entries (4), keys and values; texts with their length (4).
FaceRecord read_face(const Uuid& face, Bytes value);

/// A value of the table `rows`: face (16), person (16), the floats. Fills `values` (its size is the
/// dimension) and answers the face; checks that they are finite and of norm 1.
Uuid read_row(Bytes value, std::span<float> values);

}  // namespace facesearch::storage::layout1
