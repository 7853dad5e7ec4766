// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/detect.hpp"

#include <utility>

#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {

DetectResult detect(EngineCache& engines, const std::string& pack, std::span<const std::uint8_t> picture) {
  require_picture(picture);
  FaceEngine& engine = engines.engine(pack);
  const auto [image, reduction] = engine.decode(picture, ImageLimits{});
  const FaceScene scene = engine.find_faces(image, kDefaultMinFacePx / reduction.factor);
  DetectResult result;
  result.width = reduction.width;
  result.height = reduction.height;
  warn_of_reduction(reduction, result.warnings);
  result.found_by = scene.found_by;
  result.faces.reserve(scene.faces.size());
  for (const DetectedFace& face : scene.faces) {
    DetectedFaceReport report;
    report.face = face;
    engine.place_landmarks(image, report.face);
    report.quality = engine.quality(image, report.face, engine.align(image, report.face));
    if (engine.has_liveness()) report.liveness = engine.liveness(image, scene, face);
    report.face = enlarged(std::move(report.face), reduction.factor);
    result.faces.push_back(report);
  }
  return result;
}

}  // namespace facesearch::service
