// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/core/error.hpp"
#include "facesearch/core/json_reader.hpp"
#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/alignment.hpp"

namespace facesearch {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxSide = 4096;
constexpr std::size_t kMaxText = 1000;
constexpr std::size_t kMaxName = 64;
constexpr double kMaxMisfit = 0.2;  // of the eyes' distance

constexpr std::string_view kNotValid = "the manifest is not valid: ";

[[noreturn]] void refuse_manifest(const std::string& why) {
  throw Error(Cause::kInvalidValue, "MANIFEST_INVALID", std::string(kNotValid) + why);
}

const JsonDocument::Rules kRules{.refuse = [](const std::string& why) { refuse_manifest(why); },
                                 .shows_values = true};

int small(const JsonValue& value, std::uint64_t min, std::uint64_t max) {
  return static_cast<int>(value.integer(min, max));
}

std::string read_name(const JsonValue& node) {
  std::string name = node.printable(1, kMaxName);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!std::all_of(name.begin(), name.end(), allowed) || name.front() == '.' || name.front() == '-') {
    node.refuse("a name of letters, digits, '.', '-' and '_' that starts with a letter or digit");
  }
  return name;
}

std::string read_path(const JsonValue& node) {
  std::string path = node.printable(1, 255);
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = std::string_view(path).substr(start, end - start);
    if (part.empty() || part == "." || part == "..") {
      node.refuse("a relative path without empty parts, '.' and '..'");
    }
    start = end + 1;
  }
  return path;
}

std::string read_sha256(const JsonValue& node) {
  std::string digest = node.printable(0, kMaxText);
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digest.size() != 64 || !std::all_of(digest.begin(), digest.end(), is_hex)) {
    node.refuse("64 lower-case hexadecimal digits");
  }
  return digest;
}

std::vector<std::string> read_urls(const JsonValue& node) {
  std::vector<std::string> urls;
  for (const JsonValue& url : node.items(0, 8)) urls.push_back(url.printable(1, kMaxText));
  return urls;
}

NetworkFile read_network_file(const JsonValue& node) {
  NetworkFile file;
  file.file = read_path(node["file"]);
  // Both or neither: what is to be recorded is not half known.
  if (node.has("bytes") || node.has("sha256")) {
    file.bytes = node["bytes"].integer(1, kMostNetworkBytes);
    file.sha256 = read_sha256(node["sha256"]);
  }
  file.licence = node["licence"].printable(1, kMaxText);
  file.source = node["source"].printable(1, kMaxText);
  if (node.has("urls")) file.urls = read_urls(node["urls"]);
  return file;
}

NetworkInput read_input(const JsonValue& node, std::uint64_t min_side) {
  NetworkInput input;
  input.width = small(node["width"], min_side, kMaxSide);
  input.height = small(node["height"], min_side, kMaxSide);
  const std::string channels = node["channels"].printable(0, kMaxText);
  if (channels != "rgb" && channels != "bgr") node["channels"].refuse("\"rgb\" or \"bgr\"");
  input.rgb = channels == "rgb";
  const std::vector<JsonValue> mean = node["mean"].items(3, 3);
  for (std::size_t i = 0; i < 3; ++i) input.mean.at(i) = mean.at(i).number(0, 255);
  input.scale = node["scale"].number(1e-6, 1e3);
  return input;
}

DetectorSpec read_detector(const JsonValue& node) {
  DetectorSpec detector;
  detector.runtime = node["runtime"].printable(1, kMaxName);
  detector.network = read_network_file(node["network"]);
  if (node.has("shape")) detector.shape = read_network_file(node["shape"]);
  detector.input = read_input(node["input"], 0);
  detector.min_score = node["min_score"].number(0.01, 1);
  detector.nms = node["nms"].number(0, 1);
  if (node.has("enlarge")) detector.enlarge = small(node["enlarge"], 0, 2);
  if (node.has("sure_score")) detector.sure_score = node["sure_score"].number(0, 1);
  if (node.has("turned_score")) detector.turned_score = node["turned_score"].number(0, 1);
  return detector;
}

// Five points inside a picture of that size, the eyes apart.
Landmarks read_points(const JsonValue& node, int width, int height) {
  Landmarks landmarks;
  const std::vector<JsonValue> points = node.items(5, 5);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::vector<JsonValue> xy = points.at(i).items(2, 2);
    landmarks.at(i) = {xy.at(0).number(0, width), xy.at(1).number(0, height)};
  }
  if (std::hypot(landmarks[1].x - landmarks[0].x, landmarks[1].y - landmarks[0].y) < 1) {
    node.refuse("points with the eyes apart");
  }
  return landmarks;
}

AlignmentSpec read_alignment(const JsonValue& node, const DetectorSpec& detector) {
  AlignmentSpec alignment;
  alignment.width = small(node["width"], 16, 1024);
  alignment.height = small(node["height"], 16, 1024);
  if (node.has("runtime")) alignment.runtime = node["runtime"].printable(1, kMaxName);
  if (alignment.runtime != AlignmentSpec{}.runtime) {
    if (alignment.runtime != "dlib-chip") node["runtime"].refuse("\"opencv-similarity\" or \"dlib-chip\"");
    if (!detector.shape) node["runtime"].refuse("\"opencv-similarity\" where the detector has no shape");
    if (alignment.width != alignment.height) node["height"].refuse("the width, for dlib-chip");
    alignment.padding = node["padding"].number(0, 2);
    return alignment;
  }
  alignment.landmarks = read_points(node["landmarks"], alignment.width, alignment.height);
  return alignment;
}

// Points that lie to each other as the alignment's do; others would turn every face into the same one.
void require_fit(const JsonValue& node, const Landmarks& points, const Landmarks& alignment) {
  const Similarity fit = best_similarity(points, alignment);
  const double eyes = std::hypot(alignment[1].x - alignment[0].x, alignment[1].y - alignment[0].y);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point p = fit(points.at(i));
    if (std::hypot(p.x - alignment.at(i).x, p.y - alignment.at(i).y) > kMaxMisfit * eyes) {
      node.refuse("the alignment's landmarks, moved, scaled or turned");
    }
  }
}

LandmarkSpec read_landmarks(const JsonValue& node, const AlignmentSpec& alignment) {
  if (alignment.runtime != AlignmentSpec{}.runtime) {
    node["runtime"].refuse("left out: dlib-chip aligns by the detector's shape");
  }
  LandmarkSpec landmarks{node["runtime"].printable(1, kMaxName),
                         read_network_file(node["network"]),
                         read_input(node["input"], 16),
                         {},
                         node.has("mirror") && node["mirror"].flag()};
  landmarks.points = read_points(node["points"], landmarks.input.width, landmarks.input.height);
  require_fit(node["points"], landmarks.points, alignment.landmarks);
  return landmarks;
}

SphereSpec read_sphere(const JsonValue& node, int dimension) {
  SphereSpec sphere;
  const auto count = static_cast<std::size_t>(dimension);
  double square = 0;
  for (const JsonValue& value : node["centre"].items(count, count)) {
    sphere.centre.push_back(static_cast<float>(value.number(-1, 1)));
    square += double{sphere.centre.back()} * double{sphere.centre.back()};
  }
  if (!(square >= 0.01 && square <= 1.01)) node["centre"].refuse("a place between 0.1 and 1 from the origin");
  sphere.radius = node["radius"].number(1e-3, 2);
  return sphere;
}

EmbedderSpec read_embedder(const JsonValue& node, const AlignmentSpec& alignment) {
  EmbedderSpec embedder{node["runtime"].printable(1, kMaxName), read_network_file(node["network"]),
                        read_input(node["input"], 1),           node["output"].printable(0, kMaxText),
                        small(node["dimension"], 1, kMaxSide),  node.has("mirror") && node["mirror"].flag()};
  if (node.has("sphere")) embedder.sphere = read_sphere(node["sphere"], embedder.dimension);
  if (embedder.input.width != alignment.width || embedder.input.height != alignment.height) {
    node["input"].refuse(fmt::format("of the alignment's size, {}x{}", alignment.width, alignment.height));
  }
  return embedder;
}

LivenessSpec read_liveness(const JsonValue& node) {
  LivenessSpec liveness;
  liveness.runtime = node["runtime"].printable(1, kMaxName);
  for (const JsonValue& network : node["networks"].items(1, 8)) {
    liveness.networks.push_back({read_network_file(network["network"]), network["crop_scale"].number(1, 10)});
  }
  liveness.input = read_input(node["input"], 1);
  liveness.live_index = small(node["live_index"], 0, 99);
  return liveness;
}

Calibration::Points read_points(const JsonValue& list) {
  Calibration::Points points{};
  const std::vector<JsonValue> cosines = list.items(points.size(), points.size());
  double below = -1;
  for (std::size_t i = 0; i < cosines.size(); ++i) {
    const double cosine = cosines.at(i).number(-1, 1);
    if (!(cosine > below && cosine < 1)) list.refuse("strictly rising and between -1 and 1");
    points.at(i) = below = cosine;
  }
  return points;
}

Calibration read_calibration(const JsonValue& node) {
  Calibration calibration;
  calibration.cosine_at_fmr = read_points(node["cosine_at_fmr"]);
  if (node.has("of_means")) {
    auto& of_means = calibration.of_means.emplace();
    const std::vector<JsonValue> lists = node["of_means"].items(of_means.size(), of_means.size());
    for (std::size_t i = 0; i < lists.size(); ++i) of_means.at(i) = read_points(lists.at(i));
  }
  calibration.measured_to = node["measured_to"].number(1e-12, 0.1);
  calibration.source = node["source"].printable(1, kMaxText);
  calibration.provisional = node.has("provisional") && node["provisional"].flag();
  return calibration;
}

void require_size(std::string_view json) {
  if (json.size() > kMaxManifestBytes) {
    refuse_manifest(fmt::format("it has {} bytes, more than {}", json.size(), kMaxManifestBytes));
  }
}

void require_format(const JsonValue& root) {
  if (root["format"].integer(0, 1'000'000) != 1)
    root["format"].refuse("1, the only version this program reads");
}

}  // namespace

Pack parse_manifest(std::string_view json, const std::filesystem::path& folder) {
  require_size(json);
  const JsonDocument document(json, kRules);
  const JsonValue root = document.root();
  require_format(root);
  Pack pack;
  pack.name = read_name(root["name"]);
  pack.title = root["title"].printable(1, kMaxText);
  pack.detector = read_detector(root["detector"]);
  pack.alignment = read_alignment(root["alignment"], pack.detector);
  if (root.has("landmarks")) pack.landmarks = read_landmarks(root["landmarks"], pack.alignment);
  pack.embedder = read_embedder(root["embedder"], pack.alignment);
  if (root.has("liveness")) pack.liveness = read_liveness(root["liveness"]);
  if (root.has("calibration")) {
    const JsonValue node = root["calibration"];
    pack.calibration = read_calibration(node);
    if (node.has("fingerprint")) pack.calibrated_for = read_sha256(node["fingerprint"]);
  }
  pack.folder = folder;
  pack.files = {folder};
  return pack;
}

std::string recorded_manifest(const std::string& json, const std::map<std::string, RecordedFile>& records) {
  auto document = Json::parse(json);
  bool changed = false;
  const auto record = [&](Json& network) {
    const auto known = records.find(network.at("file").get<std::string>());
    if (network.contains("sha256") || known == records.end()) return;
    network["bytes"] = known->second.bytes;
    network["sha256"] = known->second.sha256;
    changed = true;
  };
  // Only where parse_manifest reads a file: what it ignores may be anything.
  record(document.at("detector").at("network"));
  if (document.at("detector").contains("shape")) record(document.at("detector").at("shape"));
  if (document.contains("landmarks")) record(document.at("landmarks").at("network"));
  record(document.at("embedder").at("network"));
  if (document.contains("liveness")) {
    for (auto& network : document.at("liveness").at("networks")) record(network.at("network"));
  }
  return changed ? document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : json;
}

std::string calibration_document(const Calibration& calibration, const std::string& pack,
                                 const std::string& fingerprint) {
  Json document{{"format", 1},
                {"pack", pack},
                {"fingerprint", fingerprint},
                {"calibration",
                 {{"cosine_at_fmr", calibration.cosine_at_fmr},
                  {"measured_to", calibration.measured_to},
                  {"source", calibration.source}}}};
  if (calibration.provisional) document["calibration"]["provisional"] = true;
  if (calibration.of_means) document["calibration"]["of_means"] = *calibration.of_means;
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Calibration parse_calibration(std::string_view json, const std::string& fingerprint) {
  try {
    require_size(json);
    const JsonDocument document(json, kRules);
    const JsonValue root = document.root();
    require_format(root);
    if (root["fingerprint"].printable(0, kMaxText) != fingerprint)
      root["fingerprint"].refuse("that of the pack, " + fingerprint);
    return read_calibration(root["calibration"]);
  } catch (const Error& error) {
    throw Error(error.cause(), "CALIBRATION_INVALID",
                "the calibration is not valid: " + error.detail().substr(kNotValid.size()));
  }
}

}  // namespace facesearch
