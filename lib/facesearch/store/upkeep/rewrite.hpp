// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "facesearch/store/lmdb/collection.hpp"

/// A collection copied into a new side, without free slots and under a new data key: docs/storage-format.md.
namespace facesearch::storage {

/// Store::rewrite(); the caller keeps others from sweeping.
RewriteReport rewrite_collection(OpenStore& store, std::string_view id, std::span<const Uuid> without,
                                 std::span<const Decision> more);

/// Copies the faces that `show` shows into a new side, in new slots, kRowsACommit faces a commit. `show` is
/// called once a commit, and again from the same slot when the map has to grow.
void put_faces_anew(OpenSide& to, const ShowFaces& show);

/// Copies the faces, erased ids and decisions of a side, in order, into one that is new. `without`: faces
/// that become erased ones; `more`: decisions that are added. Nobody keeps a former side, so what a migration
/// left out is erased for good.
void copy_faces(LmdbPieces& from, OpenSide& to, std::span<const Uuid> without,
                std::span<const Decision> more);

/// Rows that a bulk commit has at most.
inline constexpr std::size_t kRowsACommit = 16'384;

}  // namespace facesearch::storage
