// SPDX-License-Identifier: MIT
#include "facesearch/contract/json_response.hpp"
#include "facesearch/contract/json_values.hpp"

namespace facesearch::contract {
namespace {

// What stands for `reason` where the cause says it all. Stable: scripts compare with it.
std::string_view reason_of(Cause cause) {
  switch (cause) {
    case Cause::kApiKeyRequired:
      return "API_KEY_REQUIRED";
    case Cause::kAccessDenied:
      return "ACCESS_DENIED";
    case Cause::kCollectionIdRequired:
      return "COLLECTION_ID_REQUIRED";
    case Cause::kRequestNameRequired:
      return "REQUEST_NAME_REQUIRED";
    case Cause::kUserNameRequired:
      return "USER_NAME_REQUIRED";
    case Cause::kImageRequired:
      return "IMAGE_REQUIRED";
    case Cause::kImageInvalid:
      return "IMAGE_INVALID";
    case Cause::kFaceIdRequired:
      return "FACE_ID_REQUIRED";
    case Cause::kPageRequired:
      return "PAGE_REQUIRED";
    case Cause::kTermTooShort:
      return "TERM_TOO_SHORT";
    case Cause::kCollectionNotFound:
      return "COLLECTION_NOT_FOUND";
    case Cause::kCollectionDeleted:
      return "COLLECTION_DELETED";
    case Cause::kFaceGone:
      return "FACE_GONE";
    case Cause::kFaceUnknown:
      return "FACE_UNKNOWN";
    case Cause::kImageTooLarge:
      return "IMAGE_TOO_LARGE";
    case Cause::kImageUnsupported:
      return "IMAGE_UNSUPPORTED";
    case Cause::kLivenessFailed:
      return "LIVENESS_FAILED";
    case Cause::kRefused:
      return "REFUSED";
    case Cause::kInternal:
      return "INTERNAL";
    case Cause::kRequestNotJson:
      return "JSON_INVALID";
    case Cause::kCollectionExists:
      return "COLLECTION_EXISTS";
    case Cause::kStoreBusy:
      return "STORE_BUSY";
    case Cause::kStoreDamaged:
      return "STORE_DAMAGED";
    case Cause::kModelMissing:
      return "MODEL_MISSING";
    case Cause::kModelMismatch:
      return "MODEL_MISMATCH";
    case Cause::kFileSystem:
      return "FILE_SYSTEM";
    case Cause::kMasterKey:
      return "MASTER_KEY";
    case Cause::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Cause::kInvalidValue:
      return "INVALID_VALUE";
    case Cause::kNoStore:
      return "NO_STORE";
  }
  return "INTERNAL";
}

}  // namespace

std::string error_json(Call call, const Error& error) {
  const Documented pair = documented(call, error.cause());
  // INTERNAL is what the contract tells scripts to look for, whatever part of the program it was.
  const bool named = !error.reason().empty() && error.cause() != Cause::kInternal;
  return written({{"errorCode", pair.code},
                  {"message", pair.message},
                  {"reason", named ? std::string_view(error.reason()) : reason_of(error.cause())},
                  {"detail", error.detail().empty() ? pair.message : std::string_view(error.detail())}});
}

}  // namespace facesearch::contract
