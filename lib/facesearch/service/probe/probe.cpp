// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/probe.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/face/pipeline/detection_passes.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {
namespace {

constexpr double kNearlyAsLarge = 0.9;  // of the largest face's area

double distance_to_centre(const DetectedFace& face, const Image& image) {
  const Point centre = face.box.centre();
  return std::hypot(centre.x - image.width / 2.0, centre.y - image.height / 2.0);
}

void require_one_face(const FaceScene& scene, double min_face_px) {
  const std::size_t count = faces_that_count(scene, min_face_px);
  if (count <= 1) return;
  throw Error(Cause::kRefused, "TOO_MANY_FACES",
              fmt::format("{} faces are in the picture where one is asked for; crop it to the one that is "
                          "meant",
                          count));
}

// The largest face; of those nearly as large the one nearest to the picture's centre.
const DetectedFace& largest_face(const FaceScene& scene, const Image& image) {
  const double enough = kNearlyAsLarge * scene.faces.front().box.area();
  const DetectedFace* best = &scene.faces.front();
  for (const DetectedFace& face : scene.faces) {
    if (face.box.area() >= enough && distance_to_centre(face, image) < distance_to_centre(*best, image)) {
      best = &face;
    }
  }
  return *best;
}

[[noreturn]] void refuse_without_face(const Reduction& picture) {
  throw Error(Cause::kRefused, "FACE_NOT_FOUND",
              fmt::format("no face was found in the picture of {} x {} pixels, as it is or turned; try one "
                          "where the face is seen from the front and fills more of the picture",
                          picture.width, picture.height));
}

const DetectedFace& choose_face(const FaceScene& scene, const Picture& picture, const ProbeRules& rules) {
  if (scene.faces.empty()) refuse_without_face(picture.reduction);
  if (rules.face > scene.faces.size() && scene.faces.size() > 1) {
    throw Error(
        Cause::kRefused, "FACE_NOT_FOUND",
        fmt::format("there is no face {}: {} faces are in the picture", rules.face, scene.faces.size()));
  }
  if (rules.face > 0) return scene.faces.at(scene.faces.size() > 1 ? rules.face - 1 : 0);
  if (rules.side.several_faces == SeveralFaces::kReject) {
    require_one_face(scene, rules.min_face_px / picture.reduction.factor);
    return scene.faces.front();
  }
  return largest_face(scene, picture.image);
}

LivenessOption check_liveness(const LivenessResult& result, const SidePolicy& side) {
  if (!result.certain) {
    throw Error(
        Cause::kLivenessFailed, "LIVENESS_UNCERTAIN",
        "too little of the face's surroundings is in the picture to judge its liveness; send the whole "
        "picture, uncropped");
  }
  if (!(result.score >= side.liveness_threshold)) {
    throw Error(Cause::kLivenessFailed, "LIVENESS_FAILED",
                fmt::format("the liveness score is {:.2f}, the collection asks for {}", result.score,
                            side.liveness_threshold));
  }
  return {true, side.liveness_threshold, result.score};
}

void warn_of_turn(const Probe& probe, std::vector<Warning>& warnings) {
  if (!probe.seen || !probe.seen->found_by.starts_with("turned")) return;
  warnings.push_back({"FOUND_TURNED", fmt::format("a face was found only after the picture was turned ({})",
                                                  probe.seen->found_by)});
}

// Checks one face of a scene and returns its chip. Fills in all of `probe` but its template; `seen` also
// where it throws.
Image judge_face(FaceEngine& engine, const Picture& picture, const FaceScene& scene, const DetectedFace& face,
                 const ProbeRules& rules, Probe& probe) {
  const Image& image = picture.image;
  probe.liveness = {false, rules.side.liveness_threshold, 0};
  Sighting& seen = probe.seen.emplace();
  seen.reduction = picture.reduction;
  DetectedFace placed = face;
  engine.place_landmarks(image, placed);
  seen.face = enlarged(placed, picture.reduction.factor);
  seen.place = static_cast<std::size_t>(&face - scene.faces.data());
  seen.faces_found = scene.faces.size();
  seen.found_by = scene.found_by;
  Image chip = engine.align(image, placed);
  seen.quality = engine.quality(image, placed, chip);
  require_quality(seen.face, seen.quality, rules.quality, rules.min_face_px);
  if (rules.side.liveness || (rules.report_liveness && engine.has_liveness())) {
    seen.liveness = engine.liveness(image, scene, placed);
  }
  if (rules.side.liveness) probe.liveness = check_liveness(*seen.liveness, rules.side);
  return chip;
}

}  // namespace

ProbeRules rules_of(const Policy& policy, const SidePolicy& side) {
  constexpr ImageLimits kMost{};
  ProbeRules rules;
  rules.image.max_bytes = std::min(policy.image.max_bytes, kMost.max_bytes);
  rules.image.max_pixels = std::min(policy.image.max_pixels, kMost.max_pixels);
  rules.image.max_side = std::min(policy.image.max_side, kMost.max_side);
  rules.side = side;
  rules.quality = policy.quality;
  rules.min_face_px = policy.min_face_px;
  return rules;
}

void require_picture(std::span<const std::uint8_t> picture) {
  if (!picture.empty()) return;
  throw Error(Cause::kImageRequired, "", "the file of the picture is empty");
}

Probe make_probe(FaceEngine& engine, std::span<const std::uint8_t> picture, const ProbeRules& rules) {
  if (rules.side.liveness) require_liveness_model(engine.pack());
  const Picture decoded = engine.decode(picture, rules.image);
  const FaceScene scene = engine.find_faces(decoded.image, rules.min_face_px / decoded.reduction.factor);
  const DetectedFace& face = choose_face(scene, decoded, rules);
  Probe probe;
  probe.values = engine.embed(judge_face(engine, decoded, scene, face, rules, probe));
  return probe;
}

ProbedPicture make_probes(FaceEngine& engine, std::span<const std::uint8_t> picture,
                          const ProbeRules& rules) {
  if (rules.side.liveness) require_liveness_model(engine.pack());
  const Picture decoded = engine.decode(picture, rules.image);
  const double min_face_px = rules.min_face_px / decoded.reduction.factor;
  const FaceScene scene = engine.find_faces(decoded.image, min_face_px);
  if (scene.faces.empty()) refuse_without_face(decoded.reduction);
  ProbedPicture probed;
  probed.counted = faces_that_count(scene, min_face_px);
  probed.alone = static_cast<std::size_t>(&largest_face(scene, decoded.image) - scene.faces.data());
  std::vector<Image> chips;
  for (const DetectedFace& face :
       std::span(scene.faces).first(std::min(scene.faces.size(), kMaxFacesOfPicture))) {
    ProbedFace& next = probed.faces.emplace_back();
    try {
      chips.push_back(judge_face(engine, decoded, scene, face, rules, next.probe));
    } catch (const Error& error) {
      if (error.cause() != Cause::kRefused && error.cause() != Cause::kLivenessFailed) throw;
      next.refused = error;
    }
  }
  const auto first = std::ranges::find_if(probed.faces, [](const ProbedFace& face) { return !face.refused; });
  if (first == probed.faces.end()) throw Error(*probed.faces.front().refused);
  probed.main = static_cast<std::size_t>(first - probed.faces.begin());
  std::vector<Template> templates = engine.embed_all(chips);
  auto next = templates.begin();
  for (ProbedFace& face : probed.faces) {
    if (!face.refused) face.probe.values = std::move(*next++);
  }
  return probed;
}

void require_fingerprint(const std::string& given, const std::string& fingerprint, const std::string& pack) {
  if (given == fingerprint) return;
  // Not echoed: it may be anything.
  throw Error(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL",
              fmt::format("the template was not made by {} {}: extract it with that pack, or compare it "
                          "where its own is used",
                          pack, fingerprint.substr(0, 12)));
}

void require_no_liveness(const SidePolicy& side) {
  if (!side.liveness) return;
  throw Error(Cause::kLivenessFailed, "LIVENESS_UNCERTAIN",
              "the collection checks liveness, which a template does not show; send the picture");
}

void require_of_model(const GivenTemplate& given, const std::string& fingerprint, const std::string& pack,
                      int dimension) {
  require_fingerprint(given.fingerprint, fingerprint, pack);
  require_template(given.values, dimension);
}

Probe probe_of(EngineCache& engines, const CollectionRecord& collection, const ProbeInput& input,
               const SidePolicy& side) {
  if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(&input)) {
    return make_probe(engine_of(engines, collection), *picture, rules_of(collection.policy, side));
  }
  const auto& given = std::get<GivenTemplate>(input);
  const PackBinding& model = collection.binding;
  require_of_model(given, model.fingerprint, model.pack, model.dimension);
  require_no_liveness(side);
  return {given.values, std::nullopt, {false, side.liveness_threshold, 0}};
}

ProbedPicture probes_of(EngineCache& engines, const CollectionRecord& collection, const ProbeInput& input,
                        const SidePolicy& side) {
  if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(&input)) {
    return make_probes(engine_of(engines, collection), *picture, rules_of(collection.policy, side));
  }
  return {{{probe_of(engines, collection, input, side)}}, 0, 1};
}

void warn_of_reduction(const Reduction& reduction, std::vector<Warning>& warnings) {
  if (reduction.factor <= 1) return;
  warnings.push_back({"PICTURE_REDUCED",
                      fmt::format("the picture of {} x {} pixels was looked at reduced to 1/{:.3g} of its "
                                  "width; small faces in it may have been missed",
                                  reduction.width, reduction.height, reduction.factor)});
}

std::vector<Warning> warnings_of(const Probe& probe) {
  std::vector<Warning> warnings;
  if (!probe.seen) return warnings;
  if (probe.seen->faces_found > 1) {
    warnings.push_back(
        {"SEVERAL_FACES",
         fmt::format("one of {} faces was taken: the largest, or one nearly as large nearer to the centre",
                     probe.seen->faces_found)});
  }
  warn_of_turn(probe, warnings);
  warn_of_reduction(probe.seen->reduction, warnings);
  return warnings;
}

std::vector<Warning> warnings_of(const ProbedPicture& picture) {
  std::vector<Warning> warnings;
  const Probe& main = picture.faces[picture.main].probe;
  if (main.seen && main.seen->faces_found > picture.faces.size()) {
    warnings.push_back(
        {"FACES_LEFT_OUT", fmt::format("{} faces are in the picture, the {} largest were taken",
                                       main.seen->faces_found, picture.faces.size())});
  }
  warn_of_turn(main, warnings);
  if (main.seen) warn_of_reduction(main.seen->reduction, warnings);
  return warnings;
}

}  // namespace facesearch::service
