// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/contract/requests/request.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "facesearch/service/persons/unlike_faces.hpp"

/// The fields of the calls about persons. All throw Error(kCollectionIdRequired), (kFaceIdRequired),
/// (kInvalidValue) with PERSON_REQUIRED, PERSONS_MISSING, USER_NAME_REQUIRED, USER_NAME_TOO_LONG or
/// VALUE_INVALID.
namespace facesearch::contract {

/// Members: collectionId; userName, match (`exact` or `prefix`), ignoreCase, since, facesMin; after, limit.
service::PersonListRequest read_person_list(const RawRequest& raw);

/// collectionId, metaFaceId.
service::PersonRequest read_person(const RawRequest& raw);

/// userName: that is given, or looked for.
std::string read_person_name(const RawRequest& raw);

/// collectionId, metaFaceIds.
service::PersonMergeRequest read_person_merge(const RawRequest& raw);

/// collectionId, faceIds, userName (optional).
service::PersonSplitRequest read_person_split(const RawRequest& raw);

/// collectionId, metaFaceId, rememberDeleted, rememberTemplate.
service::PersonDeleteRequest read_person_delete(const RawRequest& raw);

/// rememberDeleted, rememberTemplate (which includes it).
service::Remember read_remember(const RawRequest& raw);

/// collectionId, faceId, metaFaceId, withdraw.
service::FaceRejectRequest read_face_reject(const RawRequest& raw);

/// collectionId, faceId, withdraw.
service::FaceLeaveOutRequest read_face_leave_out(const RawRequest& raw);

/// collectionId, faceId.
service::FaceReadmitRequest read_face_readmit(const RawRequest& raw);

/// collectionId, faceId, metaFaceId.
service::FaceMoveRequest read_face_move(const RawRequest& raw);

/// collectionId, faceId, metadata, unset.
service::MetadataRequest read_face_set(RawRequest raw);

}  // namespace facesearch::contract
