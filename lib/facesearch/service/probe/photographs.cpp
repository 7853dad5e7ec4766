// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/photographs.hpp"

#include <filesystem>
#include <map>

#include "facesearch/core/error.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {
namespace {

constexpr double kNamed = 2;
constexpr double kSameFace = 0.95;  // the same picture gives 1, another person's far less
constexpr double kSameBox = 0.3;    // overlap of two packs' boxes of one face

struct Recognised {
  double cosine = 0;
  std::size_t place = 0;  // of the face among the picture's
};

Template embed(FaceEngine& engine, const Image& image, DetectedFace face) {
  engine.place_landmarks(image, face);
  return engine.embed(engine.align(image, face));
}

// The faces of the collection that the picture shows, each with the closest face of the picture.
std::map<Uuid, Recognised> recognise(const Snapshot& snapshot, const std::vector<Template>& faces) {
  std::map<Uuid, Recognised> found;
  snapshot.scan(0, [&](const TemplateRow& row) {
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const double cosine = exact_cosine(faces[i], row.values);
      if (!(cosine >= kSameFace)) continue;
      Recognised& best = found[row.face];
      if (cosine > best.cosine) best = {cosine, i};
    }
  });
  return found;
}

// The template of the face at the place of `box`; empty if there is none.
Template template_at(FaceEngine& engine, const Image& image, const FaceScene& scene, const Box& box) {
  const DetectedFace* best = nullptr;
  double most = kSameBox;
  for (const DetectedFace& face : scene.faces) {
    const double shared = overlap(face.box, box);
    if (shared < most) continue;
    most = shared;
    best = &face;
  }
  return best == nullptr ? Template{} : embed(engine, image, *best);
}

[[noreturn]] void refuse(const char* reason) {
  throw Error(Cause::kRefused, reason, "");
}

}  // namespace

std::optional<Uuid> Photographs::named_face(const std::string& file) const {
  const auto face = Uuid::parse(std::filesystem::path(file).stem().string());
  if (!face) return std::nullopt;
  const auto collection = open_again(store_, collection_);
  return collection->snapshot()->find_face(*face) ? face : std::nullopt;
}

std::vector<PhotographMatch> Photographs::match(EngineCache& engines, const std::string& file,
                                                std::span<const std::uint8_t> picture) const {
  require_picture(picture);
  FaceEngine& next = engines.engine(pack_);
  if (const auto face = named_face(file)) {
    const ProbeRules rules{.side = {false, 0, SeveralFaces::kLargest}, .quality = QualityLevel::kNone};
    return {{*face, kNamed, make_probe(next, picture, rules).values}};
  }
  if (!recognises_) refuse("NAME_IS_NO_FACE");

  const Image image = next.decode(picture, ImageLimits{}).image;
  FaceEngine& former = engine_of(engines, collection_);
  const FaceScene scene = former.find_faces(image);
  if (scene.faces.empty()) refuse("FACE_NOT_FOUND");
  std::vector<Template> templates;
  for (const DetectedFace& face : scene.faces) templates.push_back(embed(former, image, face));
  const auto recognised = [&] {
    const auto collection = open_again(store_, collection_);
    return recognise(*collection->snapshot(), templates);
  }();
  if (recognised.empty()) refuse("FACE_NOT_RECOGNISED");

  const FaceScene next_scene = next.find_faces(image);
  std::map<std::size_t, Template> made;  // by the place of the former pack's face
  std::vector<PhotographMatch> matches;
  for (const auto& [face, found] : recognised) {
    const auto [entry, added] = made.try_emplace(found.place);
    if (added) entry->second = template_at(next, image, next_scene, scene.faces[found.place].box);
    if (!entry->second.empty()) matches.push_back({face, found.cosine, entry->second});
  }
  if (matches.empty()) refuse("FACE_NOT_FOUND");
  return matches;
}

}  // namespace facesearch::service
