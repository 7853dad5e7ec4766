// SPDX-License-Identifier: MIT
#include "facesearch/service/batch/batch_fault.hpp"

namespace facesearch::service {

bool is_of_all(const Error& error) {
  return error.cause() == Cause::kModelMissing || error.reason() == "MODEL_CHANGED" ||
         error.reason() == "NO_LIVENESS_MODEL" || error.reason() == "COLLECTIONS_DIFFER";
}

bool is_of_one(const Error& error) {
  switch (error.cause()) {
    case Cause::kRefused:
    case Cause::kInvalidValue:
      return error.reason() != "COLLECTION_CHANGED" && error.reason() != "COLLECTIONS_DIFFER";
    case Cause::kImageRequired:
    case Cause::kImageInvalid:
    case Cause::kImageTooLarge:
    case Cause::kImageUnsupported:
    case Cause::kLivenessFailed:
    case Cause::kUserNameRequired:
    case Cause::kRequestNameRequired:
    case Cause::kStoreBusy:
    case Cause::kInternal:
      return true;
    case Cause::kModelMismatch:
      return !is_of_all(error);
    default:
      return false;
  }
}

void require_same(bool same) {
  if (same) return;
  throw Error(Cause::kInvalidValue, "OTHER_COLLECTION",
              "the request names other collections than the batch, which is for those of --collection or "
              "--collections in all its inputs");
}

FlowLimits limits_of(const BatchWork& work) {
  FlowLimits limits;
  limits.threads = work.threads;
  limits.ordered = work.ordered;
  return limits;
}

}  // namespace facesearch::service
