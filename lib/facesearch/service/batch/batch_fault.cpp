// SPDX-License-Identifier: MIT
#include "facesearch/service/batch/batch_fault.hpp"

namespace facesearch::service {

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
