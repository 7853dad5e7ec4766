// SPDX-License-Identifier: MIT
#include <string>

#include "catch.hpp"
#include "contract/thrown.hpp"
#include "extent.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::contract {
namespace {

using Metadata = std::map<std::string, std::string>;

Error refusal(const std::string& json) {
  const Error error = thrown([&] { (void)parse_request(json); });
  CHECK(error.cause() == Cause::kRequestNotJson);
  return error;
}

std::string reason(const std::string& json) {
  return refusal(json).reason();
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

const std::string& text_of(const RawRequest& raw, const char* member) {
  return std::get<std::string>(raw.members.at(member));
}

}  // namespace

TEST_CASE("a request's members come in five types") {
  const RawRequest raw = parse_request(
      "\xEF\xBB\xBF { \"collectionId\" : \"staff\", \"page\": 3, \"limit\": -1.5e1, \"term\": null,\n"
      "\"metadata\": {\"a\": \"1\", \"b\": \"\\u00e9\"}, \"faceId\": [\"x\"], \"userName\": true,\n"
      "\"somethingNew\": {\"collectionId\": \"other\"} } \n");
  CHECK(text_of(raw, "collectionId") == "staff");
  CHECK(std::get<double>(raw.members.at("page")) == 3);
  CHECK(std::get<double>(raw.members.at("limit")) == -15);
  CHECK(std::get<Metadata>(raw.members.at("metadata")) == Metadata{{"a", "1"}, {"b", "é"}});
  CHECK(std::holds_alternative<OtherType>(raw.members.at("term")));
  CHECK(std::get<std::vector<std::string>>(raw.members.at("faceId")) == std::vector<std::string>{"x"});
  CHECK(std::get<bool>(raw.members.at("userName")));
  CHECK(raw.members.size() == 7);
  CHECK(parse_request("{}").members.empty());
}

TEST_CASE("of a member that comes twice the last counts, whatever its type") {
  CHECK(text_of(parse_request(R"({"userName":{"a":"b"},"userName":7,"userName":"last"})"), "userName") ==
        "last");
  const RawRequest raw = parse_request(R"({"metadata":[1],"metadata":{"a":"1","a":"2"}})");
  CHECK(std::get<Metadata>(raw.members.at("metadata")) == Metadata{{"a", "2"}});
  CHECK(std::holds_alternative<OtherType>(
      parse_request(R"({"faceImage":"Zm9v","faceImage":null})").members.at("faceImage")));
}

TEST_CASE(
    "an object or list with anything but strings is of another type, and its inside is nobody's member") {
  for (const char* value : {R"({"a":1})", R"({"a":"x","b":null})", R"({"a":{"userName":"x"},"b":"y"})",
                            R"({"a":[],"b":"y"})", R"([{"a":"b"}])", R"(["a",1])", R"([["a"]])",
                            R"(["a",null,"b"])", R"({"a":{}})", R"({"a":true,"b":"x"})"}) {
    INFO(value);
    const RawRequest raw = parse_request(std::string(R"({"metadata":)") + value + "}");
    CHECK(std::holds_alternative<OtherType>(raw.members.at("metadata")));
    CHECK(raw.members.size() == 1);
  }
  CHECK(std::get<Metadata>(parse_request(R"({"metadata":{}})").members.at("metadata")).empty());
}

TEST_CASE("of a list no more is kept than is needed to refuse it") {
  std::string ids;
  for (int i = 0; i < 1000; ++i) ids += ",\"x\"";
  const RawRequest raw = parse_request("{\"collectionIds\":[\"a\"" + ids + "]}");
  CHECK(std::get<std::vector<std::string>>(raw.members.at("collectionIds")).size() == kMaxCollections + 1);
}

TEST_CASE("what is not JSON is refused with its place and none of its text") {
  CHECK(refusal("").detail() == "the request is empty");
  CHECK(refusal(" \n\t").detail() == "the request is empty");
  CHECK(refusal("{\"userName\":\"Jane").detail() ==
        "the request is not valid JSON: it ends too early, after 17 bytes");
  CHECK(refusal("{\n  \"userName\": Jane}").detail() ==
        "the request is not valid JSON: see line 2, column 15");
  CHECK(refusal("{}{}").detail() == "the request is not valid JSON: see line 1, column 3");
  for (const std::string json : {"{",
                                 "}",
                                 "{]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "[1,",
                                 "{\"a\":01}",
                                 "{\"a\":+1}",
                                 "{\"a\":NaN}",
                                 "{\"a\":1e999}",
                                 "{\"a\":\"\t\"}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":1}//",
                                 "nul",
                                 "\"",
                                 "{} x",
                                 "\xFF\xFE{\0}\0"}) {
    INFO(json);
    CHECK(reason(json) == "JSON_INVALID");
  }
}

TEST_CASE("text that is not Unicode is refused") {
  for (const std::string text : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3", "\\ud800",
                                 "\\udc00", "\\ud800\\u0041", "\\ud83d\\ud83d", "\\u12"}) {
    INFO(text);
    CHECK(reason("{\"userName\":\"" + text + "\"}") == "JSON_INVALID");
  }
  CHECK(text_of(parse_request(R"({"userName":"\ud83d\ude00"})"), "userName") == "😀");
}

TEST_CASE("a NUL byte ends nothing: it is refused, and as an escape it is a character") {
  CHECK(reason(std::string("{}\0", 3)) == "JSON_INVALID");
  CHECK(reason(std::string("{}\0{}", 5)) == "JSON_INVALID");
  CHECK(reason(std::string("\0", 1)) == "JSON_INVALID");
  CHECK(reason(std::string("{\"a\":\"\0\"}", 9)) == "JSON_INVALID");
  CHECK(text_of(parse_request(R"({"userName":"a\u0000b"})"), "userName") == std::string("a\0b", 3));
}

TEST_CASE("JSON that is no object is refused as such") {
  for (const std::string json :
       {"[]", "[{\"collectionId\":\"x\"}]", "\"text\"", "1", "null", "true", "[[{}]]"}) {
    INFO(json);
    CHECK(reason(json) == "JSON_NOT_AN_OBJECT");
  }
}

// Small requests and large ones have a parser each.
TEST_CASE("a request is read alike, however large it is") {
  const std::string blanks(std::size_t{129} << 10U, ' ');
  for (
      const std::string json :
      {R"({"userName":"a\u00e9\ud83d\ude00\n\/","page":7,"limit":-0,"term":1.5e300,"faceId":["a","b"],"join":true})",
       R"({"metadata":{"a":"1","a":"2","b":"\u0000"},"since":18446744073709551615,"page":-9223372036854775808})",
       R"({"limit":18446744073709551616,"page":0.1,"term":123456789012345678901234567890})",
       R"({"limit":4.9e-324,"page":1e-400,"after":null,"unknown":[[{"a":[1,{}]}]],"unset":[]})",
       "\xEF\xBB\xBF{\"userName\":\"\xC3\xA9\"}"}) {
    INFO(json);
    const RawRequest small = parse_request(json);
    const RawRequest large = parse_request(json + blanks);
    CHECK(small.members == large.members);
    CHECK_FALSE(small.members.empty());
  }
  for (const std::string json : {R"({"limit":1e999})", R"({"a":"\ud800"})", "{\"a\":\"\xC0\x80\"}", "[1,]",
                                 "{}}", "{\"a\":\"\x01\"}", "[1]", "7"}) {
    INFO(json);
    CHECK(refusal(json).detail() == refusal(json + blanks).detail());
  }
}

TEST_CASE("depth is limited while reading") {
  const auto nested = [](std::size_t depth) {
    return "{\"x\":" + repeated("[", depth - 1) + repeated("]", depth - 1) + "}";
  };
  CHECK_NOTHROW(parse_request(nested(kMaxRequestDepth)));
  CHECK(reason(nested(kMaxRequestDepth + 1)) == "JSON_TOO_DEEP");
  CHECK(reason(repeated("[", 10'000'000)) == "JSON_TOO_DEEP");
  CHECK(reason(repeated("{\"metadata\":", 1'000'000)) == "JSON_TOO_DEEP");
}

TEST_CASE("size is limited before reading") {
  const std::string start = "{\"faceImage\":\"";
  std::string json = start + std::string(kMaxRequestBytes - start.size() - 2, 'A') + "\"}";
  if (test::full_extent()) {  // a quarter of a minute under sanitizers
    CHECK(text_of(parse_request(json), "faceImage").size() == kMaxRequestBytes - start.size() - 2);
  }
  json += " ";
  CHECK(refusal(json).detail() == "the request has 67108865 bytes, the limit is 67108864");
  CHECK(reason(json) == "JSON_TOO_LARGE");
  json.resize(kMaxRequestBytes / 2);
  CHECK(reason(json) == "JSON_INVALID");
}

TEST_CASE("members nobody asked for cost no memory") {
  std::string json = "{\"metadata\":{";
  for (int i = 0; i < 300'000; ++i) json += "\"k" + std::to_string(i) + "\":\"v\",";
  json += "\"z\":\"z\"}";
  for (int i = 0; i < 300'000; ++i) json += ",\"m" + std::to_string(i) + "\":\"v\"";
  const RawRequest raw = parse_request(json + "}");
  CHECK(raw.members.size() == 1);
  CHECK(std::get<Metadata>(raw.members.at("metadata")).size() == kMaxMetadataEntries + 1);
}

}  // namespace facesearch::contract
