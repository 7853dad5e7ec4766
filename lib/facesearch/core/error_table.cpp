// SPDX-License-Identifier: MIT
#include "facesearch/core/error_table.hpp"

#include <array>

namespace facesearch {
namespace {

constexpr auto kRefusedStatus = ExitStatus::kRefused;
constexpr auto kAccessStatus = ExitStatus::kAccess;
constexpr auto kInternalStatus = ExitStatus::kInternal;

// The numbers and the messages are the contract: never renamed, never renumbered. Some messages of the
// public documentation end with a full stop and some do not; that too is kept.
constexpr std::array kRows{
    ErrorRow{Call::kEnroll, Cause::kCollectionIdRequired, {6010, "CollectionId is required", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kImageRequired, {6011, "WorkspaceId is required.", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kRefused, {6012, "Fail to add face.", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kUserNameRequired, {6012, "Fail to add face.", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kImageInvalid, {6012, "Fail to add face.", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kInternal, {6012, "Fail to add face.", kInternalStatus}},
    ErrorRow{
        Call::kEnroll, Cause::kCollectionNotFound, {6013, "Cannot find collection info.", kRefusedStatus}},
    ErrorRow{
        Call::kEnroll, Cause::kCollectionDeleted, {6014, "This collection is unavailable", kRefusedStatus}},
    ErrorRow{
        Call::kEnroll, Cause::kLivenessFailed, {6015, "Failed to validate liveness of face", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kImageTooLarge, {6016, "Image size is too large.", kRefusedStatus}},
    ErrorRow{Call::kEnroll, Cause::kImageUnsupported, {6017, "Not supported image format.", kRefusedStatus}},
    ErrorRow{
        Call::kFaceDelete, Cause::kCollectionIdRequired, {6018, "CollectionId is required.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete, Cause::kFaceIdRequired, {6019, "FaceId is required.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete,
             Cause::kCollectionNotFound,
             {6020, "This collection is unavailable.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete,
             Cause::kCollectionDeleted,
             {6020, "This collection is unavailable.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete, Cause::kFaceGone, {6021, "Cannot find face data", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete, Cause::kFaceUnknown, {6022, "The face Id is not exist.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete, Cause::kRefused, {6023, "Fail to delete face.", kRefusedStatus}},
    ErrorRow{Call::kFaceDelete, Cause::kInternal, {6023, "Fail to delete face.", kInternalStatus}},
    ErrorRow{
        Call::kFaceList, Cause::kCollectionIdRequired, {6024, "CollectionId is required.", kRefusedStatus}},
    ErrorRow{Call::kFaceList,
             Cause::kTermTooShort,
             {6025, "The term length must be longer than 5", kRefusedStatus}},
    ErrorRow{Call::kFaceList, Cause::kPageRequired, {6026, "Page number is required.", kRefusedStatus}},
    ErrorRow{
        Call::kFaceList, Cause::kCollectionNotFound, {6027, "Cannot find collection info.", kRefusedStatus}},
    ErrorRow{Call::kFaceList,
             Cause::kCollectionDeleted,
             {6028, "This collection is unavailable.", kRefusedStatus}},
    ErrorRow{Call::kFaceList, Cause::kRefused, {6029, "Fail to get Face list", kRefusedStatus}},
    ErrorRow{Call::kFaceList, Cause::kInternal, {6029, "Fail to get Face list", kInternalStatus}},
    ErrorRow{
        Call::kSearch, Cause::kCollectionIdRequired, {6030, "CollectionId is required.", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kRequestNameRequired, {6031, "RequestName is required.", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kImageRequired, {6032, "Invalid face image.", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kImageInvalid, {6032, "Invalid face image.", kRefusedStatus}},
    ErrorRow{
        Call::kSearch, Cause::kCollectionNotFound, {6033, "Cannot find collection info.", kRefusedStatus}},
    ErrorRow{
        Call::kSearch, Cause::kCollectionDeleted, {6034, "This collection is unavailable.", kRefusedStatus}},
    ErrorRow{
        Call::kSearch, Cause::kLivenessFailed, {6035, "Failed to validate liveness of face", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kImageTooLarge, {6036, "Image size is too large.", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kImageUnsupported, {6037, "Not supported image format.", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kRefused, {6038, "Fail to search face", kRefusedStatus}},
    ErrorRow{Call::kSearch, Cause::kInternal, {6038, "Fail to search face", kInternalStatus}},
    ErrorRow{Call::kSearch, Cause::kApiKeyRequired, {6039, "API Key is required.", kAccessStatus}},
    ErrorRow{
        Call::kSearch, Cause::kAccessDenied, {6040, "Access Denied: API Key is unavailable.", kAccessStatus}},
    ErrorRow{Call::kManage, Cause::kRequestNotJson, {7001, "The request is not valid JSON.", kRefusedStatus}},
    ErrorRow{
        Call::kManage, Cause::kCollectionExists, {7002, "The collection exists already.", kRefusedStatus}},
    ErrorRow{Call::kManage, Cause::kStoreBusy, {7003, "The store is busy.", ExitStatus::kStore}},
    ErrorRow{Call::kManage, Cause::kStoreDamaged, {7004, "The store is damaged.", ExitStatus::kStore}},
    ErrorRow{Call::kManage,
             Cause::kModelMissing,
             {7005, "A model is missing or its checksum is wrong.", ExitStatus::kModel}},
    ErrorRow{Call::kManage,
             Cause::kModelMismatch,
             {7006, "The collection was made with another model.", ExitStatus::kModel}},
    ErrorRow{
        Call::kManage, Cause::kFileSystem, {7007, "No space, or a file system error.", ExitStatus::kStore}},
    ErrorRow{Call::kManage, Cause::kMasterKey, {7008, "The master key is missing or wrong.", kAccessStatus}},
    ErrorRow{Call::kManage, Cause::kPermissionDenied, {7009, "Permission denied.", kAccessStatus}},
    ErrorRow{
        Call::kManage, Cause::kInvalidValue, {7010, "A name, value or file is not valid.", kRefusedStatus}},
    ErrorRow{Call::kManage, Cause::kNoStore, {7011, "There is no store here yet.", kRefusedStatus}},
};

// What every input would meet ends a batch: a store or a model that cannot be used, a collection that is gone
// or another one by now. What the request, its picture or its template is to blame for is that input's own.
constexpr std::array kReaches{
    ReachRow{Cause::kApiKeyRequired, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kAccessDenied, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kCollectionIdRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kRequestNameRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kUserNameRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kImageRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kImageInvalid, reason::kNone, Reach::kInput},
    ReachRow{Cause::kFaceIdRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kPageRequired, reason::kNone, Reach::kInput},
    ReachRow{Cause::kTermTooShort, reason::kNone, Reach::kInput},
    ReachRow{Cause::kCollectionNotFound, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kCollectionDeleted, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kFaceGone, reason::kNone, Reach::kInput},
    ReachRow{Cause::kFaceUnknown, reason::kNone, Reach::kInput},
    ReachRow{Cause::kImageTooLarge, reason::kNone, Reach::kInput},
    ReachRow{Cause::kImageUnsupported, reason::kNone, Reach::kInput},
    ReachRow{Cause::kLivenessFailed, reason::kNone, Reach::kInput},
    ReachRow{Cause::kRefused, reason::kNone, Reach::kInput},
    ReachRow{Cause::kInternal, reason::kNone, Reach::kGroup},
    ReachRow{Cause::kRequestNotJson, reason::kNone, Reach::kInput},
    ReachRow{Cause::kCollectionExists, reason::kNone, Reach::kInput},
    ReachRow{Cause::kStoreBusy, reason::kNone, Reach::kGroup},
    ReachRow{Cause::kStoreDamaged, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kModelMissing, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kModelMismatch, reason::kNone, Reach::kInput},
    ReachRow{Cause::kModelMismatch, reason::kModelChanged, Reach::kBatch},
    ReachRow{Cause::kModelMismatch, reason::kCollectionsDiffer, Reach::kBatch},
    ReachRow{Cause::kFileSystem, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kMasterKey, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kPermissionDenied, reason::kNone, Reach::kBatch},
    ReachRow{Cause::kInvalidValue, reason::kNone, Reach::kInput},
    ReachRow{Cause::kInvalidValue, reason::kCollectionChanged, Reach::kBatch},
    ReachRow{Cause::kInvalidValue, reason::kCollectionsDiffer, Reach::kBatch},
    ReachRow{Cause::kInvalidValue, reason::kNoLivenessModel, Reach::kBatch},
    ReachRow{Cause::kNoStore, reason::kNone, Reach::kBatch},
};

const Documented* find(Call call, Cause cause) noexcept {
  for (const ErrorRow& row : kRows) {
    if (row.call == call && row.cause == cause) return &row.documented;
  }
  return nullptr;
}

}  // namespace

Documented documented(Call call, Cause cause) noexcept {
  // A call's own row; else the row that is the same in every call; else search's, whose numbers the calls
  // without a table of their own share. A face id is only documented for deletion.
  for (const Call place : {call, Call::kManage, Call::kSearch}) {
    if (const Documented* row = find(place, cause)) return *row;
  }
  if (call == Call::kVerify || call == Call::kManage) {
    if (const Documented* row = find(Call::kFaceDelete, cause)) return *row;
  }
  if (const Documented* row = find(call, Cause::kRefused)) return *row;
  return *find(Call::kSearch, Cause::kRefused);
}

std::span<const ErrorRow> error_rows() noexcept {
  return kRows;
}

Reach reach_of(const Error& error) noexcept {
  Reach reach = Reach::kBatch;
  for (const ReachRow& row : kReaches) {
    if (row.cause != error.cause()) continue;
    if (error.is(row.reason)) return row.reach;
    if (row.reason.text().empty()) reach = row.reach;
  }
  return reach;
}

std::span<const ReachRow> reach_rows() noexcept {
  return kReaches;
}

}  // namespace facesearch
