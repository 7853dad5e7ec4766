// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "contract/thrown.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error_table.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::contract {
namespace {

constexpr const char* kPerson = "0197a0b1-0000-7000-8000-0123456789ab";

// The documented number and the reason of what a request is refused with: "6031", "6038 LIMIT_INVALID".
template <typename Read>
std::string refusal(Call call, const Read& read, const std::string& json) {
  const Error error = thrown([&] { (void)read(parse_request(json)); });
  CHECK_FALSE(error.detail().empty());
  return std::to_string(documented(call, error.cause()).code) +
         (error.reason().empty() ? "" : " " + error.reason());
}
std::string search(const std::string& json) {
  return refusal(Call::kSearch, read_search, json);
}
std::string enroll(const std::string& json) {
  return refusal(Call::kEnroll, read_enroll, json);
}
std::string list(const std::string& json) {
  return refusal(Call::kFaceList, read_face_list, json);
}
std::string remove(const std::string& json) {
  return refusal(Call::kFaceDelete, read_face_delete, json);
}
std::string verify(const std::string& json) {
  return refusal(Call::kVerify, read_verify, json);
}

std::vector<std::uint8_t> picture_of(const service::SearchRequest& request) {
  return std::get<std::vector<std::uint8_t>>(request.probe);
}

std::string quoted(std::size_t length) {
  return '"' + std::string(length, 'x') + '"';
}

}  // namespace

TEST_CASE("a request that came by options hears of them, a JSON request of its members") {
  const auto told = [](RawRequest raw) {
    return thrown([&] { (void)read_verify(std::move(raw)); }).detail();
  };
  const auto by_options = [](const std::string& json) {
    RawRequest raw = parse_request(json);
    raw.options = {{"collectionId", "--collection"},
                   {"faceId", "--face"},
                   {"metaFaceId", "--person"},
                   {"faceImage", "the picture"},
                   {"template", "--template"}};
    return raw;
  };
  for (const auto& [json, of_json, of_options] : std::vector<std::array<std::string, 3>>{
           {"{}", "collectionId is missing, empty or not a string",
            "--collection is missing or empty; name the collection, for example --collection staff"},
           {R"({"collectionId":"a"})", "faceId or metaFaceId is needed, and not empty",
            "--face or --person is needed, and not empty"},
           {R"({"collectionId":"a","faceId":"b","metaFaceId":"c"})",
            "faceId and metaFaceId were both given; leave one out",
            "--face and --person were both given; leave one out"},
           {R"({"collectionId":"a","faceId":"b"})",
            "faceImage is missing, empty or not a string, and so is template",
            "the picture is missing or empty, and so is --template; give a picture"},
           {R"({"collectionId":"a","faceId":"b","faceImage":"x","template":"y"})",
            "faceImage and template were both given; leave one out",
            "the picture and --template were both given; leave one out"}}) {
    CHECK(told(parse_request(json)) == of_json);
    CHECK(told(by_options(json)) == of_options);
  }
}

TEST_CASE("search: several collections in the place of one") {
  const auto ids = [](const std::string& json) { return read_collection_ids(parse_request(json)); };
  CHECK(ids(R"({"collectionId":"a"})") == std::vector<std::string>{"a"});
  CHECK(ids(R"({"collectionIds":["b","a"]})") == std::vector<std::string>{"b", "a"});
  CHECK(ids(R"({"collectionId":"","collectionIds":["b"]})") == std::vector<std::string>{"b"});
  CHECK(ids(R"({"collectionId":"a","collectionIds":null})") == std::vector<std::string>{"a"});
  CHECK(search(R"({"collectionIds":[]})") == "6030");
  CHECK(search(R"({"collectionIds":["a",""]})") == "6030");
  CHECK(search(R"({"collectionIds":["a",1]})") == "6030");
  CHECK(search(R"({"collectionIds":"a,b"})") == "6030");
  CHECK(search(R"({"collectionId":"a","collectionIds":"b"})") == "7010 COLLECTION_ID_TWICE");
  CHECK(search(R"({"collectionId":"a","collectionIds":[1]})") == "7010 COLLECTION_ID_TWICE");
  CHECK(search(R"({"collectionIds":null})") == "6030");
  CHECK(search(R"({"collectionId":"a","collectionIds":["a"]})") == "7010 COLLECTION_ID_TWICE");
  CHECK(search(R"({"collectionIds":["a","b"]})") == "6031");
  const auto request =
      read_search(parse_request(R"({"collectionIds":["b","a"],"requestName":"x","faceImage":"Zm9v"})"));
  CHECK(request.collections() == std::vector<std::string>{"b", "a"});
}

TEST_CASE("search: each field's fault has its number, the first in table order counts") {
  CHECK(search("{}") == "6030");
  CHECK(search(R"({"collectionId":"","requestName":"","faceImage":"*"})") == "6030");
  CHECK(search(R"({"collectionId":7})") == "6030");
  CHECK(search(R"({"collectionId":null,"requestName":"r","faceImage":"Zm9v"})") == "6030");
  CHECK(search(R"({"collectionId":"c","faceImage":"*"})") == "6031");
  CHECK(search(R"({"collectionId":"c","requestName":"","userName":""})") == "6031");
  CHECK(search(R"({"collectionId":"c","requestName":["r"],"userName":{}})") == "6031");
  CHECK(search(R"({"collectionId":"c","requestName":"r"})") == "6032");
  CHECK(search(R"({"collectionId":"c","requestName":"r","faceImage":""})") == "6032");
  CHECK(search(R"({"collectionId":"c","requestName":"r","faceImage":7})") == "6032");
  CHECK(search(R"({"collectionId":"c","requestName":"r","faceImage":"data:image/png;base64,"})") == "6032");
  CHECK(search(R"({"collectionId":"c","requestName":"r","faceImage":"*","limit":0})") ==
        "6032 INVALID_BASE64");
}

TEST_CASE("search: requestName is the label, userName may stand for it and is answered") {
  const auto read = [](const std::string& names) {
    return read_search(parse_request(R"({"collectionId":"c","faceImage":"Zm9v",)" + names + "}"));
  };
  CHECK(read(R"("requestName":"r")").request_name == "r");
  CHECK_FALSE(read(R"("requestName":"r")").user_name.has_value());
  CHECK(read(R"("userName":"u")").request_name == "u");
  CHECK(read(R"("userName":"u")").user_name == "u");
  CHECK(read(R"("requestName":"r","userName":"u")").request_name == "r");
  CHECK(read(R"("requestName":"r","userName":"u")").user_name == "u");
  CHECK(read(R"("requestName":7,"userName":"u")").request_name == "u");
  CHECK_FALSE(read(R"("requestName":"r","userName":7)").user_name.has_value());
  CHECK(read(R"("requestName":"a\nb\u0000")").request_name == std::string("a\nb\0", 4));
  CHECK(read("\"requestName\":" + quoted(kMaxNameBytes)).request_name.size() == kMaxNameBytes);
  CHECK(search(R"({"collectionId":"c","requestName":)" + quoted(kMaxNameBytes + 1) + "}") ==
        "6038 REQUEST_NAME_TOO_LONG");
  CHECK(search(R"({"collectionId":"c","requestName":"r","userName":)" + quoted(kMaxNameBytes + 1) + "}") ==
        "6038 USER_NAME_TOO_LONG");
}

TEST_CASE("search: limit is a whole number from 1 to 10,000") {
  const auto with = [](const std::string& limit) {
    return R"({"collectionId":"c","requestName":"r","faceImage":"Zm9v","limit":)" + limit + "}";
  };
  CHECK(read_search(parse_request(R"({"collectionId":"c","requestName":"r","faceImage":"Zm9v"})")).limit ==
        100);
  CHECK(read_search(parse_request(with("1"))).limit == 1);
  CHECK(read_search(parse_request(with("1e4"))).limit == 10'000);
  for (const char* limit :
       {"0", "-1", "1.5", "10001", "1e300", "-1e300", "18446744073709551616", "\"5\"", "null"}) {
    INFO(limit);
    CHECK(search(with(limit)) == "6038 LIMIT_INVALID");
  }
}

TEST_CASE("a picture file stands for faceImage; an empty one is none") {
  RawRequest raw = parse_request(R"({"collectionId":"c","requestName":"r","faceImage":"*"})");
  raw.picture = std::vector<std::uint8_t>{1, 2, 3};
  CHECK(picture_of(read_search(raw)) == std::vector<std::uint8_t>{1, 2, 3});
  raw.picture->clear();
  CHECK(thrown([&] { (void)read_search(raw); }).cause() == Cause::kImageRequired);
  CHECK(picture_of(
            read_search(parse_request(R"({"collectionId":"c","requestName":"r","faceImage":"Zm9v"})"))) ==
        std::vector<std::uint8_t>{'f', 'o', 'o'});
}

TEST_CASE("a template and its fingerprint stand in the picture's place") {
  const auto read = [](const std::string& members) {
    return read_search(parse_request(R"({"collectionId":"c","requestName":"r",)" + members + "}"));
  };
  const auto given = std::get<service::GivenTemplate>(
      read(R"("template":"AACAPwAAAL8AAAAA","fingerprint":"f","quality":{"yaw":1})").probe);
  CHECK(given.values == Template{1.0F, -0.5F, 0.0F});
  CHECK(given.fingerprint == "f");

  const auto refused = [](const std::string& members) {
    return search(R"({"collectionId":"c","requestName":"r",)" + members + "}");
  };
  CHECK(refused(R"("template":"","fingerprint":"f")") == "7010 TEMPLATE_INVALID");
  // Of another type, null for one, it is as good as missing; so is a picture.
  CHECK(refused(R"("template":7,"fingerprint":"f")") == "6032");
  CHECK(refused(R"("template":null,"fingerprint":null)") == "6032");
  CHECK(std::get<service::GivenTemplate>(
            read(R"("faceImage":null,"template":"AACAPw==","fingerprint":"f")").probe)
            .values == Template{1.0F});
  CHECK(std::get<service::GivenTemplate>(
            read(R"("faceImage":"","template":"AACAPw==","fingerprint":"f")").probe)
            .fingerprint == "f");
  for (const char* none : {"null", "\"\"", "[]"}) {
    const auto request = read(R"("faceImage":"Zm9v","template":)" + std::string(none));
    CHECK(picture_of(request) == std::vector<std::uint8_t>{'f', 'o', 'o'});
  }
  CHECK(refused(R"("template":"AACAPw==")") == "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"AACAPw==","fingerprint":"")") == "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"AACAPw==","fingerprint":{})") == "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"AACA","fingerprint":"f")") == "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"AACAPw=","fingerprint":"f")") == "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"data:image/png;base64,AACAPw==","fingerprint":"f")") ==
        "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":)" + quoted(kMaxTemplateText + 1) + R"(,"fingerprint":"f")") ==
        "7010 TEMPLATE_INVALID");
  CHECK(refused(R"("template":"AACAPw==","fingerprint":"f","faceImage":"Zm9v")") ==
        "7010 PICTURE_AND_TEMPLATE");
  CHECK(refused(R"("fingerprint":"f")") == "6032");
  CHECK(enroll(R"({"collectionId":"c","template":"AACAPw==","fingerprint":"f"})") == "6012");
  CHECK(verify(R"({"collectionId":"c","faceId":"x","template":"AAAA","fingerprint":"f"})") ==
        "7010 TEMPLATE_INVALID");
}

TEST_CASE("what `template extract` answered is taken, and nothing else of it") {
  RawRequest raw = parse_request(R"({"collectionId":"c","requestName":"r"})");
  raw.take_template(parse_request(
      R"({"message":"success","template":"AACAPw==","fingerprint":"f","collectionId":"other"})"));
  const auto request = read_search(raw);
  CHECK(request.collection_id == "c");
  CHECK(std::get<service::GivenTemplate>(request.probe).values == Template{1.0F});
  // What is missing in it is refused when the picture's turn comes.
  for (const char* other :
       {"{}", R"({"errorCode":6038})", R"({"template":"AACAPw=="})", R"({"template":7,"fingerprint":"f"})"}) {
    INFO(other);
    raw = parse_request(R"({"collectionId":"c","requestName":"r"})");
    raw.take_template(parse_request(other));
    CHECK(thrown([&] { (void)read_search(raw); }).reason() == "TEMPLATE_INVALID");
    raw.members.erase("requestName");
    CHECK(thrown([&] { (void)read_search(raw); }).cause() == Cause::kRequestNameRequired);
  }
}

TEST_CASE("enroll: each field's fault has its number, the first in table order counts") {
  CHECK(enroll(R"({"userName":"","faceImage":"*"})") == "6010");
  CHECK(enroll(R"({"collectionId":"c","faceImage":"*"})") == "6012");
  CHECK(thrown([] { (void)read_enroll(parse_request(R"({"collectionId":"c"})")); }).cause() ==
        Cause::kUserNameRequired);
  CHECK(enroll(R"({"collectionId":"c","userName":["n"]})") == "6012");
  CHECK(enroll(R"({"collectionId":"c","userName":)" + quoted(kMaxNameBytes + 1) + "}") ==
        "6012 USER_NAME_TOO_LONG");
  CHECK(enroll(R"({"collectionId":"c","userName":"n"})") == "6011");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":""})") == "6011");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":{}})") == "6011");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":"*","metaFaceId":"x"})") ==
        "6012 INVALID_BASE64");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":"Zm9v","metaFaceId":"x","metadata":7})") ==
        "6012 PERSON_NOT_FOUND");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":"Zm9v","metaFaceId":7})") ==
        "6012 PERSON_NOT_FOUND");
  CHECK(enroll(R"({"collectionId":"c","userName":"n","faceImage":"Zm9v","metaFaceId":""})") ==
        "6012 PERSON_NOT_FOUND");
}

TEST_CASE("enroll: person and metadata are optional") {
  const auto with = [](const std::string& more) {
    return R"({"collectionId":"c","userName":"n","faceImage":"Zm9v")" + more + "}";
  };
  const auto read = [&](const std::string& more) { return read_enroll(parse_request(with(more))); };
  CHECK_FALSE(read("").person.has_value());
  CHECK(read(std::string(R"(,"metaFaceId":")") + kPerson + '"').person->text() == kPerson);
  CHECK(read(R"(,"metadata":{"team":"blue"})").metadata.at("team") == "blue");
  CHECK(read(R"(,"metadata":{})").metadata.empty());
  for (const char* metadata : {"7", "null", "[]", R"("text")", R"({"a":1})", R"({"a":{"b":"c"}})"}) {
    INFO(metadata);
    CHECK(enroll(with(std::string(R"(,"metadata":)") + metadata)) == "6012 METADATA_INVALID");
  }
  CHECK(read(R"(,"metadata":{"k":)" + quoted(kMaxMetadataBytes - 1) + "}").metadata.size() == 1);
  CHECK(enroll(with(R"(,"metadata":{"k":)" + quoted(kMaxMetadataBytes) + "}")) == "6012 METADATA_INVALID");
  std::string entries = R"("0":"")";
  for (std::size_t i = 1; i < kMaxMetadataEntries; ++i) entries += ",\"" + std::to_string(i) + "\":\"\"";
  CHECK(read(R"(,"metadata":{)" + entries + "}").metadata.size() == kMaxMetadataEntries);
  CHECK(enroll(with(R"(,"metadata":{)" + entries + R"(,"x":""})")) == "6012 METADATA_INVALID");
}

TEST_CASE("face list: page is a number from 1 or its digits, term has five characters") {
  const auto read = [](const std::string& more) {
    return read_face_list(parse_request(R"({"collectionId":"c",)" + more + "}"));
  };
  CHECK(list(R"({"page":0,"term":"x"})") == "6024");
  for (const char* page : {"0", "-1", "1.5", "true", "\"\"", "\"0\"", "\"-1\"", "\"1.5\"", "\"+1\"", "\" 1\"",
                           "\"1x\"", "\"one\"", "-1e300", "[1]"}) {
    INFO(page);
    CHECK(list(std::string(R"({"collectionId":"c","term":"x","page":)") + page + "}") == "6026");
  }
  CHECK(list(R"({"collectionId":"c","term":"x"})") == "6026");
  CHECK(list(R"({"collectionId":"c","page":1,"term":"four"})") == "6025");
  CHECK(list(R"({"collectionId":"c","page":1,"term":"éééé"})") == "6025");
  CHECK(list(R"({"collectionId":"c","page":1,"term":""})") == "6025");
  CHECK(list(R"({"collectionId":"c","page":1,"term":12345})") == "6025");
  CHECK(read(R"("page":1)").page == 1);
  CHECK(read(R"("page":1)").term.empty());
  CHECK(read(R"("page":"0012")").page == 12);
  CHECK(read(R"("page":1e3,"term":"ééééé")").page == 1000);
  CHECK(read(R"("page":1,"term":"12345")").term == "12345");
  for (const char* page :
       {"1e300", "18446744073709551615", "\"18446744073709551615\"", "\"99999999999999999999999\""}) {
    INFO(page);
    CHECK(read(std::string(R"("page":)") + page).page > 1ULL << 53);
    CHECK(read(std::string(R"("page":)") + page).page <= UINT64_MAX / kFacesPerPage);
  }
}

TEST_CASE("face delete: collection, then face") {
  CHECK(remove(R"({"faceId":"x"})") == "6018");
  CHECK(remove(R"({"collectionId":""})") == "6018");
  CHECK(remove(R"({"collectionId":"c"})") == "6019");
  CHECK(remove(R"({"collectionId":"c","faceId":7})") == "6019");
  CHECK(read_face_delete(parse_request(R"({"collectionId":"c","faceId":"any text"})")).face_id == "any text");
}

TEST_CASE("verify: collection, then one of face and person, then the picture") {
  CHECK(verify(R"({"faceId":"x"})") == "6030");
  CHECK(verify(R"({"collectionId":"c","faceImage":"*"})") == "6019");
  CHECK(verify(R"({"collectionId":"c","faceId":"","metaFaceId":7})") == "6019");
  CHECK(verify(R"({"collectionId":"c","faceId":"f","metaFaceId":"p","faceImage":"Zm9v"})") == "6019");
  CHECK(verify(R"({"collectionId":"c","faceId":"f"})") == "6032");
  CHECK(verify(R"({"collectionId":"c","faceId":"f","faceImage":"*"})") == "6032 INVALID_BASE64");
  const auto request =
      read_verify(parse_request(R"({"collectionId":"c","metaFaceId":"p","faceImage":"Zm9v"})"));
  CHECK(request.person_id == "p");
  CHECK(request.face_id.empty());
}

TEST_CASE("no error text repeats what the request says") {
  const std::string secret = "Jane_Doe_secret";
  for (const std::string& json :
       {R"({"collectionId":"c","userName":"Jane_Doe_secret)" + std::string(2000, 'x') + "\"}",
        R"({"collectionId":"c","userName":"n","faceImage":"Jane_Doe_secret"})" + std::string(),
        R"({"collectionId":"c","userName":"Jane_Doe_secret)" + std::string(),
        R"({"collectionId":"c","userName":Jane_Doe_secret})" + std::string()}) {
    CHECK(thrown([&] { (void)read_enroll(parse_request(json)); }).detail().find(secret) == std::string::npos);
  }
}

}  // namespace facesearch::contract
