// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
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

/// A reason that the program itself decides by: it retries with the reserve, forgets a file, ends a batch. A
/// type of its own, so that a misspelt one does not compile. A reason that is only reported is a literal
/// where it is thrown.
class KnownReason {
 public:
  explicit constexpr KnownReason(std::string_view text) : text_(text) {}
  constexpr std::string_view text() const { return text_; }
  operator std::string() const { return std::string(text_); }  // NOLINT(google-explicit-constructor)

 private:
  std::string_view text_;
};

namespace reason {
inline constexpr KnownReason kNone{""};  ///< the cause says it all
inline constexpr KnownReason kBackupDamaged{"BACKUP_DAMAGED"};
inline constexpr KnownReason kCollectionChanged{"COLLECTION_CHANGED"};
inline constexpr KnownReason kCollectionsDiffer{"COLLECTIONS_DIFFER"};
inline constexpr KnownReason kFileMissing{"FILE_MISSING"};
inline constexpr KnownReason kFileNotFound{"FILE_NOT_FOUND"};
inline constexpr KnownReason kInternal{"INTERNAL"};
inline constexpr KnownReason kManifestInvalid{"MANIFEST_INVALID"};
inline constexpr KnownReason kMasterKeyWrong{"MASTER_KEY_WRONG"};
inline constexpr KnownReason kModelChanged{"MODEL_CHANGED"};
inline constexpr KnownReason kModelUnusable{"MODEL_UNUSABLE"};
inline constexpr KnownReason kNoLivenessModel{"NO_LIVENESS_MODEL"};
inline constexpr KnownReason kNoSpace{"NO_SPACE"};
inline constexpr KnownReason kPairsAlike{"PAIRS_ALIKE"};
inline constexpr KnownReason kRecordInvalid{"RECORD_INVALID"};
}  // namespace reason

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
  bool is(KnownReason reason) const noexcept { return reason_ == reason.text(); }
  const char* what() const noexcept override { return detail_.c_str(); }

 private:
  Cause cause_;
  std::string reason_;
  std::string detail_;
};

}  // namespace facesearch
