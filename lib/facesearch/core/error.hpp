// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace facesearch {

/// What went wrong, in words of the house. The documented number of a cause depends on the call it
/// happened in: see error_table.hpp. Append only.
enum class Cause : std::uint8_t {
  // Access.
  kApiKeyRequired,
  kAccessDenied,
  // Fields of a request.
  kCollectionIdRequired,
  kRequestNameRequired,
  kUserNameRequired,
  kImageRequired,  ///< no picture was given at all
  kImageInvalid,   ///< what was given is no picture (not base64)
  kFaceIdRequired,
  kPageRequired,
  kTermTooShort,
  // Collections and faces.
  kCollectionNotFound,
  kCollectionDeleted,
  kFaceGone,
  kFaceUnknown,
  // Pictures.
  kImageTooLarge,
  kImageUnsupported,
  kLivenessFailed,
  kRefused,  ///< anything else about a request or its picture; always with a reason
  kInternal,
  // 7000–7099, the same in every call.
  kRequestNotJson,
  kCollectionExists,
  kStoreBusy,
  kStoreDamaged,
  kModelMissing,
  kModelMismatch,
  kFileSystem,
  kMasterKey,
  kPermissionDenied,
  kInvalidValue,
  kNoStore,
};

/// The one exception of the library. `reason` is a stable UPPER_SNAKE name for scripts (may be empty
/// where the cause says it all); `detail` is one sentence for a person, with the measured value and
/// the limit where there are such. Neither ever holds a key, a person's name or anything biometric.
class Error : public std::exception {
 public:
  Error(Cause cause, std::string reason, std::string detail)
      : cause_(cause), reason_(std::move(reason)), detail_(std::move(detail)) {}

  Cause cause() const noexcept { return cause_; }
  const std::string& reason() const noexcept { return reason_; }
  const std::string& detail() const noexcept { return detail_; }
  const char* what() const noexcept override { return detail_.c_str(); }

 private:
  Cause cause_;
  std::string reason_;
  std::string detail_;
};

}  // namespace facesearch
