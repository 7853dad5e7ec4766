// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "facesearch/core/policy.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/face/pipeline/quality.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// A liveness score, and whether it can be trusted.
struct LivenessResult {
  double score = 0;     ///< 0–100
  bool certain = true;  ///< false: too little of the surroundings is in the picture for the crops
};

/// Runs the networks of a pack; each is read, checked and loaded on first use. Not thread-safe.
class FaceEngine {
 public:
  /// `runtimes` loads a library when its first network is used; its tables must outlive the engine. `modules`
  /// is the folder of the modules that decode() loads.
  FaceEngine(Pack pack, Runtimes runtimes, std::filesystem::path modules = {});
  ~FaceEngine();

  const Pack& pack() const { return pack_; }

  /// Decodes a picture for find_faces and the others, as decode_reduced() of image/decode.hpp. What they say
  /// of faces is in pixels of its image; enlarged() by the reduction's factor, in those of the file's
  /// picture.
  Picture decode(std::span<const std::uint8_t> picture, const ImageLimits& limits) const;

  /// Finds faces in passes: the picture as it is (reduced if large), at a second scale, then turned by 90°,
  /// 180°, 270°, until a pass has a sure score; else the best pass counts. (A face upside down is often
  /// detected as upright, with wrong landmarks and a lower score.) Then looks at larger scales for as long as
  /// a face that counts may be too small for the detector: one of a quarter of the largest face's width, or
  /// of `min_face_px` if that is more. Coordinates are those of `image` as given.
  FaceScene find_faces(const Image& image, double min_face_px = kDefaultMinFacePx);

  /// Refines the landmarks of a face before it is aligned, if the pack has a network for that. In passes:
  /// each aligns the face by the landmarks so far. Keeps the old landmarks if the new ones are far from the
  /// face.
  void place_landmarks(const Image& image, DetectedFace& face);

  /// The aligned face, of the alignment's size.
  Image align(const Image& image, const DetectedFace& face);

  /// Measures a face. `chip` is the aligned face. A pack that aligns otherwise than at 112×112 pixels with 35
  /// between the eyes has it aligned once more for that: a larger picture of the same face is less sharp.
  Quality quality(const Image& image, const DetectedFace& face, const Image& chip);

  /// The template of an aligned face of the alignment's size.
  Template embed(const Image& chip);

  /// Those of many, in their order; the network sees several at once.
  std::vector<Template> embed_all(std::span<const Image> chips);

  /// Loads every network and runs each once, so that a faulty one is known before it is needed. Throws what
  /// they throw.
  void try_all();

  bool has_liveness() const { return pack_.liveness.has_value(); }

  /// Scores a face of `scene`. Requires has_liveness().
  LivenessResult liveness(const Image& image, const FaceScene& scene, const DetectedFace& face);

 private:
  Detector& detector();
  LandmarkModel& landmark_model();
  Embedder& embedder();
  LivenessModel& liveness_model();
  const AlignmentRuntime& alignment();

  Pack pack_;
  Runtimes runtimes_;
  std::filesystem::path modules_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<LandmarkModel> landmarks_;
  std::unique_ptr<Embedder> embedder_;
  std::unique_ptr<LivenessModel> liveness_;
  const AlignmentRuntime* alignment_ = nullptr;
};

}  // namespace facesearch
