// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/persons/decisions.hpp"

namespace facesearch::service {

struct FaceListRequest {
  std::string collection_id;
  std::string term;        ///< empty: all; else part of a face id, at least kMinTermLength long
  std::uint64_t page = 1;  ///< from 1
};

struct FaceListResult {
  std::string collection_id;
  FacePage page;
};

/// One page of kFacesPerPage faces, in the order they were added; past the last page it is empty.
FaceListResult list_faces(Context& context, const Caller& caller, const FaceListRequest& request);

struct FaceDeleteRequest {
  std::string collection_id;
  std::string face_id;                     ///< any text: a text that is no UUID is no face
  bool purge = false;                      ///< rewrite the collection, so that no byte of the face is left
  Remember remember = Remember::kNothing;  ///< it is not to be enrolled again
};

/// Makes a face unreachable, durably. Throws Error(kFaceGone), Error(kFaceUnknown); as delete_person.
void delete_face(Context& context, const Caller& caller, const FaceDeleteRequest& request);

}  // namespace facesearch::service
