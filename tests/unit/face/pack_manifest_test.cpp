// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "made_pack.hpp"

using facesearch::Cause;
using facesearch::Error;
using facesearch::Pack;
using facesearch::parse_manifest;
using Json = nlohmann::json;
using Pointer = Json::json_pointer;

namespace {

Json document() {
  return Json::parse(made::manifest());
}

Json changed(const std::string& where, const Json& value) {
  Json json = document();
  json[Pointer(where)] = value;
  return json;
}

std::string refusal(const std::string& text) {
  const Error error = made::thrown_by([&] { parse_manifest(text, "/nowhere"); });
  CHECK(error.cause() == Cause::kInvalidValue);
  CHECK(error.reason() == "MANIFEST_INVALID");
  CHECK(error.detail().size() < 1000);
  return error.detail();
}

// Every way to a member of `json`, arrays' items included.
void collect(const Json& json, const Pointer& at, std::vector<Pointer>& all) {
  for (const auto& [key, value] : json.items()) {
    const Pointer here = json.is_array() ? at / static_cast<std::size_t>(std::stoul(key)) : at / key;
    all.push_back(here);
    if (value.is_structured()) collect(value, here, all);
  }
}

}  // namespace

TEST_CASE("a manifest is read member by member") {
  const Pack pack = parse_manifest(made::manifest(), "/models");
  CHECK(pack.name == "made");
  CHECK(pack.title == "Made");
  CHECK(pack.files == std::vector<std::filesystem::path>{"/models"});
  CHECK(pack.folder == "/models");
  CHECK(pack.detector.runtime == "opencv-yunet");
  CHECK(pack.detector.network.file == "nets/detector.onnx");
  CHECK(pack.detector.network.bytes == 5);
  CHECK(pack.detector.network.sha256.substr(0, 8) == "2cf24dba");
  CHECK(pack.detector.network.licence == "MIT");
  CHECK(pack.detector.network.source == "made for the tests");
  CHECK(pack.detector.input.width == 0);
  CHECK_FALSE(pack.detector.input.rgb);
  CHECK(pack.detector.min_score == 0.7);
  CHECK(pack.detector.nms == 0.3);
  CHECK(pack.detector.sure_score == 0.9);
  CHECK(pack.detector.turned_score == 0.75);
  REQUIRE(pack.landmarks);
  CHECK(pack.landmarks->runtime == "opencv-landmarks");
  CHECK(pack.landmarks->network.file == "nets/landmarks.onnx");
  CHECK(pack.landmarks->input.height == 64);
  CHECK(pack.landmarks->points[1].x == 40.75);
  CHECK(pack.alignment.width == 112);
  CHECK(pack.alignment.landmarks[2].y == 71.75);
  CHECK(pack.embedder.input.rgb);
  CHECK(pack.embedder.input.mean[1] == 127.5);
  CHECK(pack.embedder.input.scale == 1.0 / 128);
  CHECK(pack.embedder.output == "fc1");
  CHECK(pack.embedder.dimension == 128);
  CHECK_FALSE(pack.embedder.mirror);
  REQUIRE(pack.liveness);
  REQUIRE(pack.liveness->networks.size() == 2);
  CHECK(pack.liveness->networks[1].crop_scale == 4);
  CHECK(pack.liveness->networks[1].network.file == "nets/far.onnx");
  CHECK(pack.liveness->live_index == 1);
  REQUIRE(pack.calibration);
  CHECK(pack.calibration->cosine_at_fmr == std::array{0.1, 0.2, 0.3, 0.4, 0.5});
  CHECK(pack.calibration->measured_to == 1e-6);
}

TEST_CASE("what a manifest may leave out, and what it may add") {
  Json json = document();
  json.erase("landmarks");
  json.erase("liveness");
  json.erase("calibration");
  json["detector"].erase("sure_score");
  json["detector"].erase("turned_score");
  json["remark"] = {{"by", "somebody"}};
  json["detector"]["remark"] = 1;
  const Pack pack = parse_manifest(json.dump(), {});
  CHECK_FALSE(pack.landmarks);
  CHECK_FALSE(pack.liveness);
  CHECK_FALSE(pack.calibration);
  CHECK(pack.detector.sure_score == facesearch::DetectorSpec{}.sure_score);
}

TEST_CASE("a calibration may have points of means") {
  CHECK_FALSE(parse_manifest(document().dump(), {}).calibration->of_means);
  const Json lists =
      Json::array({Json::array({0.1, 0.2, 0.3, 0.4, 0.5}), Json::array({0.2, 0.3, 0.4, 0.5, 0.6}),
                   Json::array({0.3, 0.4, 0.5, 0.6, 0.7})});
  Json json = document();
  json["calibration"]["of_means"] = lists;
  const auto calibration = parse_manifest(json.dump(), {}).calibration;
  REQUIRE(calibration->of_means);
  CHECK(calibration->of_means->at(1) == std::array{0.2, 0.3, 0.4, 0.5, 0.6});
  CHECK(facesearch::parse_calibration(facesearch::calibration_document(*calibration, "any", "print"),
                                      "print") == *calibration);
  json["calibration"]["of_means"].erase(2);
  CHECK_THAT(refusal(json.dump()), Catch::Contains("an array of 3"));
  json["calibration"]["of_means"] = lists;
  json["calibration"]["of_means"][2][4] = 0.6;
  CHECK_THAT(refusal(json.dump()), Catch::Contains("strictly rising"));
}

TEST_CASE("every other member is asked for by name") {
  std::vector<Pointer> all;
  collect(document(), Pointer(), all);
  REQUIRE(all.size() > 80);
  for (const Pointer& where : all) {
    const std::string name = where.back();
    const bool optional = where == Pointer("/landmarks") || name == "liveness" || name == "calibration" ||
                          name == "sure_score" || name == "turned_score";
    Json json = document();
    if (json[where.parent_pointer()].is_array()) continue;
    json[where.parent_pointer()].erase(name);
    INFO(where.to_string());
    if (optional) {
      CHECK_NOTHROW(parse_manifest(json.dump(), {}));
    } else {
      CHECK_THAT(refusal(json.dump()), Catch::Contains(name + " is missing"));
    }
  }
}

TEST_CASE("a member of any other type is refused by name") {
  std::vector<Pointer> all;
  collect(document(), Pointer(), all);
  const std::vector<Json> others{
      nullptr, true, "text", -1, 1.5, 1e300, Json::array(), Json::object(), Json::array({Json::object()})};
  std::size_t refused = 0;
  for (const Pointer& where : all) {
    for (const Json& other : others) {
      const Json was = document()[where];
      const bool both_numbers = was.is_number() && other.is_number();
      if (other.type() == was.type() || both_numbers) continue;
      INFO(where.to_string() << " = " << other);
      const std::string why = refusal(changed(where.to_string(), other).dump());
      CHECK_THAT(why, Catch::Contains(" must be ") || Catch::Contains(" is missing"));
      ++refused;
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("values out of their range are refused with the value and what is asked for") {
  const auto [where, value, told] = GENERATE(table<std::string, Json, std::string>({
      {"/format", 2, "format must be 1, the only version this program reads, not 2"},
      {"/name", "../made", "name must be a name of letters"},
      {"/name", "", "name must be a string of 1 to 64 bytes"},
      {"/name", ".made", "starts with a letter"},
      {"/title", "a\nb", "title must be a string of 1 to 1000 bytes without control characters"},
      {"/detector/network/file", "/etc/passwd", "detector.network.file must be a relative path"},
      {"/detector/network/file", "nets/../../secret", "detector.network.file must be a relative path"},
      {"/detector/network/file", "..", "detector.network.file must be a relative path"},
      {"/detector/network/file", "nets//a", "detector.network.file must be a relative path"},
      {"/detector/network/file", "nets/", "detector.network.file must be a relative path"},
      {"/detector/network/file", "./a", "detector.network.file must be a relative path"},
      {"/detector/network/file", std::string("a\0b", 3), "without control characters"},
      {"/detector/network/bytes", 0,
       "detector.network.bytes must be a whole number from 1 to 1073741824, not 0"},
      {"/detector/network/bytes", 18446744073709551615ULL, "detector.network.bytes must be a whole number"},
      {"/detector/network/bytes", 5.0, "detector.network.bytes must be a whole number"},
      {"/detector/network/sha256", "2CF2", "64 lower-case hexadecimal digits, not \"2CF2\""},
      {"/detector/min_score", 0, "detector.min_score must be a number from 0.01 to 1, not 0"},
      {"/detector/nms", 1.01, "detector.nms must be a number from 0 to 1, not 1.01"},
      {"/detector/input/width", 100000, "detector.input.width must be a whole number from 0 to 4096"},
      {"/detector/input/channels", "RGB", "detector.input.channels must be \"rgb\" or \"bgr\", not \"RGB\""},
      {"/landmarks/input/width", 15, "landmarks.input.width must be a whole number from 16"},
      {"/landmarks/points/2/1", 65, "landmarks.points[2][1] must be a number from 0 to 64, not 65"},
      {"/landmarks/points/0", Json::array({40.75, 29.75}),
       "landmarks.points must be points with the eyes apart"},
      {"/landmarks/points", Json::parse("[[64,0],[0,0],[32,32],[64,64],[0,64]]"),
       "landmarks.points must be the alignment's landmarks, moved, scaled or turned"},
      {"/alignment/width", 15, "alignment.width must be a whole number from 16"},
      {"/alignment/landmarks/4/0", 113, "alignment.landmarks[4][0] must be a number from 0 to 112, not 113"},
      {"/alignment/landmarks/1", Json::array({38.5, 51.5}),
       "alignment.landmarks must be points with the eyes apart"},
      {"/embedder/input/width", 96, "embedder.input must be of the alignment's size, 112x112"},
      {"/embedder/input/scale", 0, "embedder.input.scale must be a number from"},
      {"/embedder/input/mean", Json::array({1, 2}), "embedder.input.mean must be an array of 3"},
      {"/landmarks/mirror", "yes", "landmarks.mirror must be true or false, not \"yes\""},
      {"/embedder/mirror", 1, "embedder.mirror must be true or false, not 1"},
      {"/embedder/dimension", 0, "embedder.dimension must be a whole number from 1 to 4096, not 0"},
      {"/liveness/networks", Json::array(),
       "liveness.networks must be an array of 1 to 8, not an array of 0"},
      {"/liveness/networks/0/crop_scale", 0.5,
       "liveness.networks[0].crop_scale must be a number from 1 to 10"},
      {"/liveness/input/width", 0, "liveness.input.width must be a whole number from 1"},
      {"/calibration/cosine_at_fmr", Json::array({0.1, 0.2, 0.2, 0.4, 0.5}), "strictly rising"},
      {"/calibration/cosine_at_fmr", Json::array({-1, 0.2, 0.3, 0.4, 0.5}), "strictly rising"},
      {"/calibration/cosine_at_fmr", Json::array({0.1, 0.2, 0.3, 0.4, 1}), "strictly rising"},
      {"/calibration/cosine_at_fmr", Json::array({0.1, 0.2, 0.3, 0.4}), "an array of 5"},
      {"/calibration/measured_to", 0, "calibration.measured_to must be a number from"},
      {"/calibration/fingerprint", "8d9c",
       "calibration.fingerprint must be 64 lower-case hexadecimal digits"},
  }));
  INFO(where);
  CHECK_THAT(refusal(changed(where, value).dump()), Catch::Contains(told));
}

TEST_CASE("hostile documents are refused") {
  CHECK_THAT(refusal(""), Catch::Contains("not JSON"));
  CHECK_THAT(refusal("{"), Catch::Contains("not JSON"));
  CHECK_THAT(refusal("[]"), Catch::Contains("the document must be an object, not an array of 0"));
  CHECK_THAT(refusal(std::string(500'000, '[')), Catch::Contains("deeper than 32"));
  CHECK_THAT(refusal(std::string(400'000, '[') + std::string(400'000, ']')),
             Catch::Contains("deeper than 32"));
  CHECK_THAT(refusal(std::string((1U << 20) + 1, ' ')), Catch::Contains("more than 1048576"));
  CHECK_THAT(refusal("{\"format\": 1e999}"), Catch::Contains("too large"));
  CHECK_THAT(refusal("{\"format\": \"\xff\"}"), Catch::Contains("not JSON"));
  Json json = document();
  json["name"] = std::string(100'000, 'x');
  CHECK_THAT(refusal(json.dump()), Catch::Contains("…"));
}

TEST_CASE("a manifest cut anywhere is refused") {
  const std::string whole = made::manifest();
  for (std::size_t length = 0; length < whole.size(); length += 7) refusal(whole.substr(0, length));
}

TEST_CASE(
    "every manifest of the catalogue is valid, and a file without a checksum can be fetched, or is for "
    "research only") {
  const facesearch::PackPlaces places{.catalog = FACESEARCH_SOURCE_DIR "/models"};
  for (const auto& entry : std::filesystem::directory_iterator(FACESEARCH_SOURCE_DIR "/models/catalog")) {
    const Pack pack = facesearch::find_pack(places, entry.path().filename().string());
    INFO(pack.name);
    const auto networks = networks_of(pack);
    const bool recorded =
        std::ranges::none_of(networks, [](const auto& network) { return network.file->sha256.empty(); });
    if (pack.calibration && !recorded) CHECK_FALSE(pack.calibrated_for.empty());
    if (recorded && !pack.calibrated_for.empty()) CHECK(pack.calibrated_for == fingerprint(pack));
    for (const facesearch::NetworkRole& network : networks_of(pack)) {
      INFO(pack.name << " " << network.role);
      const bool research_only = network.file->licence.starts_with("research only");
      CHECK((!network.file->sha256.empty() || !network.file->urls.empty() || research_only));
      for (const std::string& url : network.file->urls) {
        CHECK((url.starts_with("https://") || url.starts_with("file:///")));
      }
    }
  }
}

TEST_CASE("a sphere has a centre of the dimension, away from the origin") {
  Json json = document();
  json["embedder"]["dimension"] = 3;
  json["embedder"]["sphere"] = {{"centre", {0.5, -0.5, 2e-3}}, {"radius", 0.2}};
  const auto sphere = parse_manifest(json.dump(), "/models").embedder.sphere;
  CHECK(sphere->centre == std::vector<float>{0.5F, -0.5F, 2e-3F});
  CHECK(sphere->radius == 0.2);
  json["embedder"]["sphere"]["centre"] = {0.5, -0.5};
  CHECK_THAT(refusal(json.dump()), Catch::Contains("embedder.sphere.centre must be an array of 3"));
  json["embedder"]["sphere"]["centre"] = {0, 0, 0.05};
  CHECK_THAT(refusal(json.dump()), Catch::Contains("from the origin"));
  json["embedder"]["sphere"]["centre"] = {0, 0, 0.9};
  json["embedder"]["sphere"]["radius"] = 0;
  CHECK_THAT(refusal(json.dump()), Catch::Contains("embedder.sphere.radius"));
}

TEST_CASE("what dlib needs is asked for by name") {
  Json json = document();
  json.erase("landmarks");
  json["alignment"] = {{"runtime", "dlib-chip"}, {"width", 112}, {"height", 112}, {"padding", 0.25}};
  CHECK_THAT(refusal(json.dump()), Catch::Contains("where the detector has no shape"));
  json["detector"]["shape"] = json["detector"]["network"];
  json["detector"]["enlarge"] = 1;
  const Pack pack = parse_manifest(json.dump(), "/models");
  CHECK(pack.alignment.padding == 0.25);
  CHECK(pack.detector.enlarge == 1);
  CHECK(networks_of(pack).at(1).role == "shape");
  json["alignment"]["height"] = 113;
  CHECK_THAT(refusal(json.dump()), Catch::Contains("alignment.height"));
  json["alignment"]["height"] = 112;
  json["alignment"].erase("padding");
  CHECK_THAT(refusal(json.dump()), Catch::Contains("alignment.padding is missing"));
  json["alignment"]["runtime"] = "dlib-affine";
  CHECK_THAT(refusal(json.dump()), Catch::Contains("alignment.runtime"));
  json = document();
  json["detector"]["network"].erase("sha256");
  CHECK_THAT(refusal(json.dump()), Catch::Contains("detector.network.sha256 is missing"));
  json["detector"]["network"].erase("bytes");
  CHECK(parse_manifest(json.dump(), "/models").detector.network.sha256.empty());
}

TEST_CASE("the program's own manifests are valid and calibrated to one false match in 100,000") {
  const facesearch::PackPlaces places{{}, FACESEARCH_SOURCE_DIR "/models"};
  for (const char* name : {"mini", "mobilefacenet"}) {
    const Pack pack = facesearch::find_pack(places, name);
    CHECK(pack.liveness);
    REQUIRE(pack.calibration);
    CHECK(pack.calibration->measured_to <= 1e-5);
  }
}
