// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {

TEST_CASE("the error object, letter for letter") {
  CHECK(
      error_json(Call::kSearch, Error(Cause::kRefused, "FACE_NOT_FOUND", "no face was found")) ==
      R"({"errorCode":6038,"message":"Fail to search face","reason":"FACE_NOT_FOUND","detail":"no face was found"})");
  CHECK(error_json(Call::kEnroll, Error(Cause::kImageRequired, "", "")) ==
        R"({"errorCode":6011,"message":"WorkspaceId is required.","reason":"IMAGE_REQUIRED",)"
        R"("detail":"WorkspaceId is required."})");
  CHECK(error_json(Call::kFaceDelete, Error(Cause::kFaceUnknown, "", "x")) ==
        R"({"errorCode":6022,"message":"The face Id is not exist.","reason":"FACE_UNKNOWN","detail":"x"})");
  CHECK(error_json(Call::kManage, Error(Cause::kFileSystem, "", "bad \xFF name")) ==
        "{\"errorCode\":7007,\"message\":\"No space, or a file system error.\",\"reason\":\"FILE_SYSTEM\","
        "\"detail\":\"bad \uFFFD name\"}");
}

TEST_CASE("a fault of the program has the reason INTERNAL in every call") {
  for (const auto& [call, code] : {std::pair{Call::kEnroll, 6012},
                                   {Call::kFaceDelete, 6023},
                                   {Call::kFaceList, 6029},
                                   {Call::kSearch, 6038},
                                   {Call::kVerify, 6038},
                                   {Call::kDetect, 6038},
                                   {Call::kManage, 6038}}) {
    const auto json = nlohmann::json::parse(error_json(call, Error(Cause::kInternal, "OUT_OF_LUCK", "x")));
    CHECK(json.at("errorCode") == code);
    CHECK(json.at("reason") == "INTERNAL");
  }
}

TEST_CASE("every cause has a reason of its own, documented in the call or not") {
  std::set<std::string> reasons;
  const int last = static_cast<int>(Cause::kNoStore);
  for (int cause = 0; cause <= last; ++cause) {
    const auto json =
        nlohmann::json::parse(error_json(Call::kDetect, Error(static_cast<Cause>(cause), "", "")));
    reasons.insert(json.at("reason").get<std::string>());
  }
  CHECK(reasons.size() == static_cast<std::size_t>(last) + 1);
}

TEST_CASE("every documented row is written as documented, each cause under its own reason") {
  std::set<std::string> reasons;
  std::set<Cause> causes;
  for (const ErrorRow& row : error_rows()) {
    const auto json = nlohmann::json::parse(error_json(row.call, Error(row.cause, "", "")));
    CHECK(json.at("errorCode") == row.documented.code);
    CHECK(json.at("message") == row.documented.message);
    CHECK(json.at("detail") == row.documented.message);
    reasons.insert(json.at("reason").get<std::string>());
    causes.insert(row.cause);
    CHECK(json.size() == 4);
  }
  CHECK(reasons.size() == causes.size());
}

}  // namespace facesearch::contract
