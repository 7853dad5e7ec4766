// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "facesearch/service/collections/faces.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/search/search.hpp"

namespace facesearch::contract {

/// A member of a request whose type no field of the contract takes (null, mixed object or array).
struct OtherType {
  bool is_null = false;

  bool operator==(const OtherType&) const = default;
};
using RawValue = std::variant<OtherType, bool, std::string, double, std::map<std::string, std::string>,
                              std::vector<std::string>>;

/// A request before its checks, from JSON or from options.
struct RawRequest {
  std::map<std::string, RawValue, std::less<>> members;
  std::optional<std::vector<std::uint8_t>> picture;  ///< given as a file; stands for `faceImage`
  /// The option of each member, if the request comes from a command line: errors name what the caller wrote.
  std::map<std::string, std::string, std::less<>> options;

  /// Takes `template` and `fingerprint` from the document that `template extract` wrote.
  void take_template(RawRequest document);
};

/// Reads a request document: one JSON object, UTF-8, at most kMaxRequestBytes and kMaxRequestDepth. If a
/// member comes twice, the last one counts; members unknown to the contract are dropped. Throws
/// Error(kRequestNotJson) with reason JSON_INVALID (and where), JSON_NOT_AN_OBJECT, JSON_TOO_LARGE,
/// JSON_TOO_DEEP.
RawRequest parse_request(std::string_view json);

/// Each checks the fields in the order of the contract and throws the documented cause of the first
/// that fails; texts longer than core/limits.hpp allows are Error(kRefused, …_TOO_LONG).
std::string read_collection_id(const RawRequest& raw);
/// collectionId, or collectionIds where several are searched as one. Throws Error(kCollectionIdRequired);
/// Error(kInvalidValue, COLLECTION_ID_TWICE) where both are given.
std::vector<std::string> read_collection_ids(const RawRequest& raw);
service::SearchRequest read_search(RawRequest raw);
service::EnrollRequest read_enroll(RawRequest raw);
service::FaceListRequest read_face_list(const RawRequest& raw);
service::FaceDeleteRequest read_face_delete(const RawRequest& raw);

/// Members: collectionId, faceId or metaFaceId, and faceImage, or template and fingerprint.
service::VerifyRequest read_verify(RawRequest raw);

/// faceImage, or template (base64 of little-endian 32-bit floats) and fingerprint. Throws
/// Error(kImageRequired); Error(kImageInvalid, INVALID_BASE64); Error(kInvalidValue) with TEMPLATE_INVALID
/// or, where both were given, PICTURE_AND_TEMPLATE.
service::ProbeInput required_probe(RawRequest& raw);

}  // namespace facesearch::contract
