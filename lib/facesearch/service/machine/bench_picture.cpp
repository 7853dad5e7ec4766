// SPDX-License-Identifier: MIT
#include "facesearch/core/error.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/service/machine/bench.hpp"
#include "facesearch/service/machine/bench_times.hpp"

namespace facesearch::service {

PictureTimes bench_picture(FaceEngine& engine, std::span<const std::uint8_t> picture) {
  constexpr int kRounds = 7;
  std::vector<double> decoding;
  std::vector<double> finding;
  std::vector<double> embedding;
  for (int round = 0; round <= kRounds; ++round) {
    Image image;
    FaceScene scene;
    const double decoded = milliseconds_of([&] { image = decode(picture, {}); });
    const double found = milliseconds_of([&] { scene = engine.find_faces(image); });
    if (scene.faces.empty()) throw Error(Cause::kRefused, "FACE_NOT_FOUND", "the picture shows no face");
    const double embedded = milliseconds_of([&] {
      engine.place_landmarks(image, scene.faces.front());
      engine.embed(engine.align(image, scene.faces.front()));
    });
    if (round == 0) continue;  // loads everything
    decoding.push_back(decoded);
    finding.push_back(found);
    embedding.push_back(embedded);
  }
  return {engine.pack().name, median(decoding), median(finding), median(embedding)};
}

}  // namespace facesearch::service
