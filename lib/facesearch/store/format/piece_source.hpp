// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "facesearch/store/format/aligned_bytes.hpp"
#include "facesearch/store/format/piece.hpp"

namespace facesearch::storage {

/// Where the pieces of a side are taken from, sealed as they are.
class PieceSource {
 public:
  virtual ~PieceSource() = default;

  /// The piece of this name; none if there is none. `wanted`: the tag that the manifest says; null for the
  /// root. Valid till the next call.
  virtual std::optional<Bytes> find(const PieceName& name, const Tag* wanted) = 0;
};

}  // namespace facesearch::storage
