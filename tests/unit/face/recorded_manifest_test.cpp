// SPDX-License-Identifier: MIT
// What a file turned out to be is written into the manifest that left it open.
#include <nlohmann/json.hpp>

#include "face/made_pack.hpp"

using facesearch::parse_manifest;
using facesearch::recorded_manifest;
using OrderedJson = nlohmann::ordered_json;
using Records = std::map<std::string, facesearch::RecordedFile>;

namespace {

const std::string kSum(64, 'a');

OrderedJson ordered_document() {
  return OrderedJson::parse(made::manifest());
}

void open(OrderedJson& network) {
  network.erase("bytes");
  network.erase("sha256");
}

}  // namespace

TEST_CASE("a manifest that has every checksum comes back byte for byte") {
  const std::string json = "\n" + made::manifest() + " \t\n";
  CHECK(recorded_manifest(json, {}) == json);
  const Records other{{"nets/detector.onnx", {7, kSum}}};
  CHECK(recorded_manifest(json, other) == json);  // what is stated is not stated anew
}

TEST_CASE("a checksum is recorded wherever a manifest has a file") {
  OrderedJson json = ordered_document();
  json["liveness"]["networks"].at(1)["network"]["urls"] = {"https://example.org/far"};
  json["detector"]["shape"] = json["detector"]["network"];
  json["detector"]["shape"]["file"] = "nets/shape.dat";
  for (OrderedJson* network :
       {&json["detector"]["network"], &json["detector"]["shape"], &json["landmarks"]["network"],
        &json["embedder"]["network"], &json["liveness"]["networks"].at(0)["network"],
        &json["liveness"]["networks"].at(1)["network"]}) {
    open(*network);
  }
  const auto before = parse_manifest(json.dump(), "/nowhere");
  Records records;
  std::uint64_t bytes = 10;
  for (const auto& network : networks_of(before)) records[network.file->file] = {++bytes, kSum};
  REQUIRE(records.size() == 6);

  const std::string text = recorded_manifest(json.dump(), records);
  const auto after = parse_manifest(text, "/nowhere");
  for (const auto& network : networks_of(after)) {
    INFO(network.role);
    CHECK(network.file->bytes == records.at(network.file->file).bytes);
    CHECK(network.file->sha256 == kSum);
  }
  CHECK(networks_of(after).back().file->urls == networks_of(before).back().file->urls);
  CHECK(recorded_manifest(text, records) == text);
}

TEST_CASE("what has no record stays open, and its neighbours as they are") {
  OrderedJson json = ordered_document();
  open(json["embedder"]["network"]);
  open(json["detector"]["network"]);
  const auto pack =
      parse_manifest(recorded_manifest(json.dump(), {{"nets/embedder.onnx", {9, kSum}}}), "/nowhere");
  CHECK(pack.embedder.network.sha256 == kSum);
  CHECK(pack.detector.network.sha256.empty());
  CHECK(pack.landmarks->network.bytes == 5);
}

TEST_CASE("members that mean nothing are kept, whatever they look like") {
  OrderedJson json = ordered_document();
  open(json["embedder"]["network"]);
  json["detector"]["file"] = 5;
  json["detector"]["networks"] = "none";
  json["embedder"]["liveness"] = {{"file", "nets/embedder.onnx"}};
  const OrderedJson after =
      OrderedJson::parse(recorded_manifest(json.dump(), {{"nets/embedder.onnx", {9, kSum}}}));
  json["embedder"]["network"]["bytes"] = 9;
  json["embedder"]["network"]["sha256"] = kSum;
  CHECK(OrderedJson::parse(after.dump()) == OrderedJson::parse(json.dump()));
}

TEST_CASE("a manifest as deep as a well is refused before anything walks down it") {
  OrderedJson json = ordered_document();
  open(json["embedder"]["network"]);
  std::string text = json.dump();
  const auto with = [&](std::size_t depth) {
    return text.substr(0, text.size() - 1) + R"(,"x":)" + std::string(depth, '[') + std::string(depth, ']') +
           "}";
  };
  CHECK_NOTHROW(parse_manifest(with(30), "/nowhere"));
  for (const std::size_t depth : {33U, 500'000U}) {
    const auto error = made::thrown_by([&] { parse_manifest(with(depth), "/nowhere"); });
    CHECK(error.reason() == "MANIFEST_INVALID");
    CHECK(error.detail() == "the manifest is not valid: it is nested deeper than 32");
  }
}
