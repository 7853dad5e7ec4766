// SPDX-License-Identifier: MIT
// What every face of a picture costs beside what it cannot be without: decoding, detection, and the templates
// in batches. Usage: group_picture MODELS RUNTIMES PICTURE. One line of JSON; processor times of one core.
#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace {

using namespace facesearch;

constexpr int kRounds = 7;

double processor_ms() {
  return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int measure(const Pack& pack, const Runtimes& runtimes, const char* file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  FaceEngine engine(pack, runtimes);
  std::vector<double> finding, embedding, whole;
  std::size_t faces = 0;
  for (int round = 0; round <= kRounds; ++round) {
    const double start = processor_ms();
    const Image image = decode(bytes, {}, {});
    FaceScene scene = engine.find_faces(image);
    const double found = processor_ms();
    std::vector<Image> chips;
    for (const DetectedFace& face : scene.faces) chips.push_back(engine.align(image, face));
    const double aligned = processor_ms();
    engine.embed_all(chips);
    const double embedded = processor_ms();
    faces = service::make_probes(engine, bytes, {}).faces.size();
    const double end = processor_ms();
    if (round == 0) continue;  // loads everything
    finding.push_back(found - start);
    embedding.push_back(embedded - aligned);
    whole.push_back(end - embedded);
  }
  const double floor = median(finding) + median(embedding);
  fmt::print(
      "{{\"faces\":{},\"find_ms\":{:.1f},\"embed_ms\":{:.1f},\"every_face_ms\":{:.1f},\"ratio\":{:.2f}}}\n",
      faces, median(finding), median(embedding), median(whole), median(whole) / floor);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} MODELS RUNTIMES PICTURE\n", argv[0]);
    return 2;
  }
  const PackPlaces places{
      .catalog = argv[1],
      .made = std::filesystem::path(argv[2]).parent_path().parent_path() / "share/facesearch/networks"};
  try {
    return measure(find_pack(places, "mini"), runtimes_in(argv[2]), argv[3]);
  } catch (const Error& error) {
    fmt::print(stderr, "group_picture: {}\n", error.detail());
    return 1;
  }
}
