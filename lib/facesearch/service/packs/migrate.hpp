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
  std::string pack;                      ///< where it moves to
  std::vector<std::string> photographs;  ///< how each is asked for; see Photographs for what a name says
  bool allow_missing = false;            ///< leave out faces that no photograph was found for
  bool dry_run = false;                  ///< only say what would become of it
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
/// face the closest to its stored template is taken, of equals the first. Faces that were enrolled, erased,
/// and a policy that was changed meanwhile are neither lost nor back. A photograph that `read` throws an
/// Error for is unused, no more.
///
/// Throws as open_gallery; as find_pack, require_calibration and require_liveness_model for the new pack;
/// Error(kInvalidValue) with PACK_IS_THE_SAME, PHOTOS_MISSING, COLLECTION_CHANGED; as Store::build_side,
/// NewSide::go_live and for_each_picture. Then nothing has changed.
MigrateResult migrate(Context& context, const Caller& caller, const MigrateRequest& request,
                      const PictureWork& work);

/// Deletes the former side for good. Throws as open_gallery and Store::confirm_side.
CollectionInfo confirm_migration(Context& context, const Caller& caller, std::string_view id);

/// Brings the former side back, but for what was erased since. Throws as open_gallery, Store::revert_side,
/// and as require_liveness_model where the policy asks for liveness by now.
CollectionInfo revert_migration(Context& context, const Caller& caller, std::string_view id);

}  // namespace facesearch::service
