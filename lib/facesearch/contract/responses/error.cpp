// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string_view>

#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {
namespace {

struct Reason {
  Cause cause;
  std::string_view name;
};

// What stands for `reason` where the cause says it all. Stable: scripts compare with it.
constexpr std::array kReasons{
    Reason{Cause::kApiKeyRequired, "API_KEY_REQUIRED"},
    Reason{Cause::kAccessDenied, "ACCESS_DENIED"},
    Reason{Cause::kCollectionIdRequired, "COLLECTION_ID_REQUIRED"},
    Reason{Cause::kRequestNameRequired, "REQUEST_NAME_REQUIRED"},
    Reason{Cause::kUserNameRequired, "USER_NAME_REQUIRED"},
    Reason{Cause::kImageRequired, "IMAGE_REQUIRED"},
    Reason{Cause::kImageInvalid, "IMAGE_INVALID"},
    Reason{Cause::kFaceIdRequired, "FACE_ID_REQUIRED"},
    Reason{Cause::kPageRequired, "PAGE_REQUIRED"},
    Reason{Cause::kTermTooShort, "TERM_TOO_SHORT"},
    Reason{Cause::kCollectionNotFound, "COLLECTION_NOT_FOUND"},
    Reason{Cause::kCollectionDeleted, "COLLECTION_DELETED"},
    Reason{Cause::kFaceGone, "FACE_GONE"},
    Reason{Cause::kFaceUnknown, "FACE_UNKNOWN"},
    Reason{Cause::kImageTooLarge, "IMAGE_TOO_LARGE"},
    Reason{Cause::kImageUnsupported, "IMAGE_UNSUPPORTED"},
    Reason{Cause::kLivenessFailed, "LIVENESS_FAILED"},
    Reason{Cause::kRefused, "REFUSED"},
    Reason{Cause::kInternal, "INTERNAL"},
    Reason{Cause::kRequestNotJson, "JSON_INVALID"},
    Reason{Cause::kCollectionExists, "COLLECTION_EXISTS"},
    Reason{Cause::kStoreBusy, "STORE_BUSY"},
    Reason{Cause::kStoreDamaged, "STORE_DAMAGED"},
    Reason{Cause::kModelMissing, "MODEL_MISSING"},
    Reason{Cause::kModelMismatch, "MODEL_MISMATCH"},
    Reason{Cause::kFileSystem, "FILE_SYSTEM"},
    Reason{Cause::kMasterKey, "MASTER_KEY"},
    Reason{Cause::kPermissionDenied, "PERMISSION_DENIED"},
    Reason{Cause::kInvalidValue, "INVALID_VALUE"},
    Reason{Cause::kNoStore, "NO_STORE"},
};

std::string_view reason_of(Cause cause) {
  const auto* row =
      std::find_if(kReasons.begin(), kReasons.end(), [=](const Reason& r) { return r.cause == cause; });
  return row == kReasons.end() ? "INTERNAL" : row->name;
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
