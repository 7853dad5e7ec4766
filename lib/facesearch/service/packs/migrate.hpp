// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/probe/many_pictures.hpp"

namespace facesearch::service {

struct MigrateRequest {
  std::string collection_id;
  std::string pack;  ///< where it moves to
  std::vector<std::string>
      photographs;             ///< as PictureWork::read takes them; see Photographs for what a name means
  bool allow_missing = false;  ///< leave out faces that no photograph was found for
  bool dry_run = false;        ///< change nothing, return the result only
};

struct MigrateResult {
  CollectionInfo collection;  ///< as it is now
  bool dry_run = false;
  std::uint64_t migrated = 0;                 ///< faces with a new template
  std::vector<Uuid> missing;                  ///< faces without, in the order they were added
  std::map<std::string, std::size_t> unused;  ///< photographs that gave no face its template, by reason
};

/// Moves a collection to another pack: makes its faces' templates anew from photographs, beside it, and
/// switches at once. The former side is kept until one of the two calls below. Of several photographs of a
/// face the closest to its stored template is taken, of equals the first. Enrolments, deletions and changes
/// of the policy meanwhile are kept. A photograph for which `read` throws an Error is counted as unused.
///
/// Throws as open_gallery; as find_pack, require_calibration and require_liveness_model for the new pack;
/// Error(kInvalidValue) with PACK_IS_THE_SAME, PHOTOS_MISSING, COLLECTION_CHANGED; as Migrations::begin,
/// NewSide::go_live and for_each_picture. After an error nothing has changed.
MigrateResult migrate(Context& context, const Caller& caller, const MigrateRequest& request,
                      const PictureWork& work);

/// Deletes the former side for good. Throws as open_gallery and Migrations::confirm.
CollectionInfo confirm_migration(Context& context, const Caller& caller, std::string_view id);

/// Makes the former side live again, without the faces that were deleted since. Throws as open_gallery and
/// Migrations::revert, and as require_liveness_model where the policy checks liveness now.
CollectionInfo revert_migration(Context& context, const Caller& caller, std::string_view id);

}  // namespace facesearch::service
