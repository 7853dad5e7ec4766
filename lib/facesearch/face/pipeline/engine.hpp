// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>

#include "facesearch/core/template.hpp"
#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/face/runtimes/runtime.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// A liveness score, or that it cannot be judged.
struct LivenessResult {
  double score = 0;     ///< 0–100
  bool certain = true;  ///< false: too little of the surroundings is in the picture for the crops
};

/// A pack at work: each network is read, checked and loaded when it is first used. One thread at a time.
class FaceEngine {
 public:
  /// `runtimes` is asked for a library when its first network is, not before; its tables must outlive the
  /// engine.
  FaceEngine(Pack pack, Runtimes runtimes);
  ~FaceEngine();

  const Pack& pack() const { return pack_; }

  /// Looks for faces: the picture as it is (reduced if large), then at a second scale, then turned by 90°,
  /// 180°, 270°, until a look is sure of a face; where none is, the best look counts. (A face upside down is
  /// often found upright, with wrong landmarks and a lower score.) Coordinates are those of `image` as given.
  FaceScene find_faces(const Image& image);

  /// Places the detector's landmarks of a face anew, before it is aligned, where the pack has a network for
  /// it: in passes, since each sees the face only as the landmarks so far set it upright. Leaves them as they
  /// are where the answer lies nowhere near the face.
  void place_landmarks(const Image& image, DetectedFace& face);

  /// The aligned face, of the alignment's size.
  Image align(const Image& image, const DetectedFace& face);

  /// The template of an aligned face of the alignment's size.
  Template embed(const Image& chip);

  /// Makes every network and asks each once, so that what is wrong with one is known before a face is looked
  /// at. Throws what they throw.
  void try_all();

  bool has_liveness() const { return pack_.liveness.has_value(); }

  /// Judges a face of `scene`. Requires has_liveness().
  LivenessResult liveness(const Image& image, const FaceScene& scene, const DetectedFace& face);

 private:
  Detector& detector();
  LandmarkModel& landmark_model();
  Embedder& embedder();
  LivenessModel& liveness_model();
  const AlignmentRuntime& alignment();

  Pack pack_;
  Runtimes runtimes_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<LandmarkModel> landmarks_;
  std::unique_ptr<Embedder> embedder_;
  std::unique_ptr<LivenessModel> liveness_;
  const AlignmentRuntime* alignment_ = nullptr;
};

}  // namespace facesearch
