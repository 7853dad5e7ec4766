// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

inline constexpr std::size_t kMostListed = 1000;  ///< of the duplicates

struct MergeRequest {
  std::vector<std::string> collections;  ///< one and more, each once
  std::string to;                        ///< the id of the collection that is made
  /// Called with the faces written so far and in all. May be empty.
  std::function<void(std::uint64_t, std::uint64_t)> progress{};
};

/// A face of one of the collections.
struct MergedFace {
  Uuid face;
  std::string collection;
};

/// A face that another collection has, too.
struct MergeDuplicate {
  enum class Reason : std::uint8_t {
    kSameFace,     ///< the same id: a copy. Left out, `other` is there
    kErased,       ///< the same id, deleted in `other`'s collection. Left out
    kSamePicture,  ///< enrolled by batches from the same bytes, under two ids. Both are there
  };

  Reason reason = Reason::kSameFace;
  MergedFace face;
  MergedFace other;
};

struct MergeResult {
  std::string collection_id;
  std::uint64_t faces = 0;  ///< of the new collection
  std::uint64_t duplicates_total = 0;
  std::vector<MergeDuplicate> duplicates;  ///< the first kMostListed: by reason, then by the face's id
  std::vector<Warning> warnings;
};

/// Makes a collection of all faces of others, in their order: with ids, persons, names, metadata, times and
/// templates as they are, whole or not at all, while others search, enrol and delete in them. Faces that were
/// erased in any of them since that was made are erased in it. Pack, calibration and policy are those of the
/// first; it is encrypted if any of them is. What batches know of enrolled pictures comes along where the
/// collections have one key for that.
///
/// Throws as search() for key and collections; Error(kModelMismatch, COLLECTIONS_DIFFER) if not all were made
/// by one model; Error(kInvalidValue) with NO_COLLECTIONS, COLLECTION_NAMED_TWICE, COLLECTION_ID_INVALID;
/// Error(kCollectionExists); what `progress` throws. Memory: some 100 bytes a face.
MergeResult merge_collections(Context& context, const Caller& caller, const MergeRequest& request);

}  // namespace facesearch::service
