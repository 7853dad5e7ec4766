// SPDX-License-Identifier: MIT
#include "facesearch/core/error_table.hpp"

#include <set>
#include <string>

#include "catch.hpp"

using namespace facesearch;

namespace {

std::string pair_of(Call call, Cause cause) {
  const Documented pair = documented(call, cause);
  return std::to_string(pair.code) + " " + std::string(pair.message);
}

constexpr Call kCalls[] = {Call::kSearch, Call::kEnroll, Call::kFaceList, Call::kFaceDelete,
                           Call::kVerify, Call::kDetect, Call::kManage};

}  // namespace

TEST_CASE("the documented pairs of enrolment, letter for letter", "[errors]") {
  CHECK(pair_of(Call::kEnroll, Cause::kCollectionIdRequired) == "6010 CollectionId is required");
  CHECK(pair_of(Call::kEnroll, Cause::kImageRequired) == "6011 WorkspaceId is required.");
  CHECK(pair_of(Call::kEnroll, Cause::kUserNameRequired) == "6012 Fail to add face.");
  CHECK(pair_of(Call::kEnroll, Cause::kImageInvalid) == "6012 Fail to add face.");
  CHECK(pair_of(Call::kEnroll, Cause::kRefused) == "6012 Fail to add face.");
  CHECK(pair_of(Call::kEnroll, Cause::kCollectionNotFound) == "6013 Cannot find collection info.");
  CHECK(pair_of(Call::kEnroll, Cause::kCollectionDeleted) == "6014 This collection is unavailable");
  CHECK(pair_of(Call::kEnroll, Cause::kLivenessFailed) == "6015 Failed to validate liveness of face");
  CHECK(pair_of(Call::kEnroll, Cause::kImageTooLarge) == "6016 Image size is too large.");
  CHECK(pair_of(Call::kEnroll, Cause::kImageUnsupported) == "6017 Not supported image format.");
}

TEST_CASE("the documented pairs of deletion and listing, letter for letter", "[errors]") {
  CHECK(pair_of(Call::kFaceDelete, Cause::kCollectionIdRequired) == "6018 CollectionId is required.");
  CHECK(pair_of(Call::kFaceDelete, Cause::kFaceIdRequired) == "6019 FaceId is required.");
  CHECK(pair_of(Call::kFaceDelete, Cause::kCollectionNotFound) == "6020 This collection is unavailable.");
  CHECK(pair_of(Call::kFaceDelete, Cause::kCollectionDeleted) == "6020 This collection is unavailable.");
  CHECK(pair_of(Call::kFaceDelete, Cause::kFaceGone) == "6021 Cannot find face data");
  CHECK(pair_of(Call::kFaceDelete, Cause::kFaceUnknown) == "6022 The face Id is not exist.");
  CHECK(pair_of(Call::kFaceDelete, Cause::kRefused) == "6023 Fail to delete face.");
  CHECK(pair_of(Call::kFaceList, Cause::kCollectionIdRequired) == "6024 CollectionId is required.");
  CHECK(pair_of(Call::kFaceList, Cause::kTermTooShort) == "6025 The term length must be longer than 5");
  CHECK(pair_of(Call::kFaceList, Cause::kPageRequired) == "6026 Page number is required.");
  CHECK(pair_of(Call::kFaceList, Cause::kCollectionNotFound) == "6027 Cannot find collection info.");
  CHECK(pair_of(Call::kFaceList, Cause::kCollectionDeleted) == "6028 This collection is unavailable.");
  CHECK(pair_of(Call::kFaceList, Cause::kInternal) == "6029 Fail to get Face list");
}

TEST_CASE("the documented pairs of search and access, letter for letter", "[errors]") {
  CHECK(pair_of(Call::kSearch, Cause::kCollectionIdRequired) == "6030 CollectionId is required.");
  CHECK(pair_of(Call::kSearch, Cause::kRequestNameRequired) == "6031 RequestName is required.");
  CHECK(pair_of(Call::kSearch, Cause::kImageRequired) == "6032 Invalid face image.");
  CHECK(pair_of(Call::kSearch, Cause::kImageInvalid) == "6032 Invalid face image.");
  CHECK(pair_of(Call::kSearch, Cause::kCollectionNotFound) == "6033 Cannot find collection info.");
  CHECK(pair_of(Call::kSearch, Cause::kCollectionDeleted) == "6034 This collection is unavailable.");
  CHECK(pair_of(Call::kSearch, Cause::kLivenessFailed) == "6035 Failed to validate liveness of face");
  CHECK(pair_of(Call::kSearch, Cause::kImageTooLarge) == "6036 Image size is too large.");
  CHECK(pair_of(Call::kSearch, Cause::kImageUnsupported) == "6037 Not supported image format.");
  CHECK(pair_of(Call::kSearch, Cause::kRefused) == "6038 Fail to search face");
  for (const Call call : kCalls) {
    CHECK(pair_of(call, Cause::kApiKeyRequired) == "6039 API Key is required.");
    CHECK(pair_of(call, Cause::kAccessDenied) == "6040 Access Denied: API Key is unavailable.");
  }
}

TEST_CASE("faults the public API has no code for have the same number in every call", "[errors]") {
  int code = 7001;
  for (const Cause cause :
       {Cause::kRequestNotJson, Cause::kCollectionExists, Cause::kStoreBusy, Cause::kStoreDamaged,
        Cause::kModelMissing, Cause::kModelMismatch, Cause::kFileSystem, Cause::kMasterKey,
        Cause::kPermissionDenied, Cause::kInvalidValue, Cause::kNoStore}) {
    for (const Call call : kCalls) CHECK(documented(call, cause).code == code);
    ++code;
  }
}

TEST_CASE("exit classes follow the contract", "[errors]") {
  for (const ErrorRow& row : error_rows()) {
    CAPTURE(row.documented.code);
    const int code = row.documented.code;
    ExitStatus expected = ExitStatus::kRefused;
    if (code == 6039 || code == 6040 || code == 7008 || code == 7009) expected = ExitStatus::kAccess;
    if (code == 7003 || code == 7004 || code == 7007) expected = ExitStatus::kStore;
    if (code == 7005 || code == 7006) expected = ExitStatus::kModel;
    if (row.cause == Cause::kInternal) expected = ExitStatus::kInternal;
    CHECK(row.documented.status == expected);
  }
}

TEST_CASE("the calls without a table of their own share search's numbers", "[errors]") {
  CHECK(documented(Call::kDetect, Cause::kImageTooLarge).code == 6036);
  CHECK(documented(Call::kVerify, Cause::kImageUnsupported).code == 6037);
  CHECK(documented(Call::kVerify, Cause::kImageInvalid).code == 6032);
  CHECK(documented(Call::kDetect, Cause::kRefused).code == 6038);
  CHECK(documented(Call::kManage, Cause::kCollectionNotFound).code == 6033);
  CHECK(documented(Call::kVerify, Cause::kFaceGone).code == 6021);
  CHECK(documented(Call::kVerify, Cause::kFaceUnknown).code == 6022);
  CHECK(documented(Call::kFaceList, Cause::kImageTooLarge).code == 6036);
}

TEST_CASE("every number from 6010 to 6040 and 7001 to 7011 is in the table", "[errors]") {
  std::set<int> codes;
  for (const ErrorRow& row : error_rows()) codes.insert(row.documented.code);
  for (int code = 6010; code <= 6040; ++code) CHECK(codes.contains(code));
  for (int code = 7001; code <= 7011; ++code) CHECK(codes.contains(code));
}

TEST_CASE("an error reaches as far in a batch as the row of its reason, else of its cause, says",
          "[errors]") {
  std::set<Cause> causes;
  for (const ReachRow& row : reach_rows()) {
    if (row.reason.text().empty()) {
      CHECK(causes.insert(row.cause).second);
      CHECK(reach_of(Error(row.cause, "ANY", "")) == row.reach);
    }
    CHECK(reach_of(Error(row.cause, row.reason, "")) == row.reach);
  }
  CHECK(causes.size() == static_cast<std::size_t>(Cause::kNoStore) + 1);
  CHECK(reach_of(Error(Cause::kRefused, "FACE_NOT_FOUND", "")) == Reach::kInput);
  CHECK(reach_of(Error(Cause::kInvalidValue, "TEMPLATE_INVALID", "")) == Reach::kInput);
  CHECK(reach_of(Error(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL", "")) == Reach::kInput);
  CHECK(reach_of(Error(Cause::kStoreBusy, "LOCK_TIMEOUT", "")) == Reach::kGroup);
  CHECK(reach_of(Error(Cause::kInternal, "INTERNAL", "")) == Reach::kGroup);
  CHECK(reach_of(Error(Cause::kFileSystem, "NO_SPACE", "")) == Reach::kBatch);
  CHECK(reach_of(Error(Cause::kCollectionDeleted, "", "")) == Reach::kBatch);
  CHECK(reach_of(Error(Cause::kInvalidValue, "COLLECTION_CHANGED", "")) == Reach::kBatch);
  CHECK(reach_of(Error(Cause::kModelMismatch, "MODEL_CHANGED", "")) == Reach::kBatch);
}
