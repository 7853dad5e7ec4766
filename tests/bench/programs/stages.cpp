// SPDX-License-Identifier: MIT
// What one picture costs a pack, in one process and on one core, once its networks are loaded, and what
// loading them costs. Usage: stages MODELS RUNTIMES PICTURE [--pack NAME] [--models DIR]. One line of JSON.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/image/decode.hpp"

namespace {

using namespace facesearch;

constexpr int kRounds = 11;

double processor_ms() {
  return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int measure(const Pack& pack, const Runtimes& runtimes, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  FaceEngine engine(pack, runtimes);
  std::vector<double> decoding, finding, templates;
  double first = 0;
  for (int round = 0; round <= kRounds; ++round) {
    const double start = processor_ms();
    const Image image = decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, {}, {});
    const double decoded = processor_ms();
    FaceScene scene = engine.find_faces(image);
    if (scene.faces.empty()) throw Error(Cause::kRefused, "FACE_NOT_FOUND", "the picture shows no face");
    const double found = processor_ms();
    engine.place_landmarks(image, scene.faces.front());
    engine.embed(engine.align(image, scene.faces.front()));
    const double end = processor_ms();
    if (round == 0) {
      first = end - start;  // loads everything
      continue;
    }
    decoding.push_back(decoded - start);
    finding.push_back(found - decoded);
    templates.push_back(end - found);
  }
  const double whole = median(decoding) + median(finding) + median(templates);
  fmt::print(
      "{{\"pack\":\"{}\",\"decode_ms\":{:.1f},\"find_ms\":{:.1f},\"template_ms\":{:.1f},"
      "\"picture_ms\":{:.1f},\"load_ms\":{:.1f}}}\n",
      pack.name, median(decoding), median(finding), median(templates), whole, std::max(0.0, first - whole));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: {} MODELS RUNTIMES PICTURE [--pack NAME] [--models DIR]\n", argv[0]);
    return 2;
  }
  PackPlaces places{
      .catalog = argv[1],
      .made = std::filesystem::path(argv[2]).parent_path().parent_path() / "share/facesearch/networks"};
  std::string name = "mini";
  for (int i = 4; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--pack") name = argv[i + 1];
    if (std::string(argv[i]) == "--models") places.models = argv[i + 1];
  }
  try {
    return measure(find_pack(places, name), runtimes_in(argv[2]), argv[3]);
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", name, error.detail());
    return 1;
  }
}
