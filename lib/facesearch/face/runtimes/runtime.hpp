// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/image/image.hpp"

/// The interface to the libraries that run networks (OpenCV dnn, dlib). The runtimes of each library are
/// built into a module (facesearch-opencv.so, facesearch-dlib.so), which is loaded when a pack first needs
/// one: a command without pictures does not pay for the libraries (14–25 ms). The name of a runtime begins
/// with its library's: `opencv-yunet`. See runtime_module.hpp.
///
/// Objects are not thread-safe. All throw Error(kModelMissing, MODEL_UNUSABLE) if the network cannot be read,
/// or its output has another shape than the manifest says.
namespace facesearch {

using NetworkBytes = std::vector<std::uint8_t>;

class Detector {
 public:
  virtual ~Detector() = default;
  /// Faces of the picture reduced (never enlarged) so that its longer side is at most `long_side`;
  /// in pixels of `image`, at or above the manifest's score, overlaps removed, in no order.
  virtual std::vector<DetectedFace> detect(const Image& image, int long_side) = 0;
  /// Faces of this width in pixels of the reduced picture are found; smaller ones often are not. 0: larger
  /// looks find no more.
  virtual double smallest_face_px() const { return 0; }
};

class LandmarkModel {
 public:
  virtual ~LandmarkModel() = default;
  /// Where the five landmarks lie in `chip`, in its pixels; `chip` is a face of exactly the input's size in
  /// which the detector's landmarks lie at the manifest's points. Nothing where the network's answer lies
  /// nowhere near the chip: what the detector took for a face may be anything.
  virtual std::optional<Landmarks> place(const Image& chip) = 0;
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  /// The templates of aligned faces, in their order; each has exactly the alignment's size. Of a face and its
  /// mirror image where the manifest says so. All are in memory at once. An answer that is not finite or
  /// has no length is unusable, too.
  virtual std::vector<Template> embed_all(std::span<const Image> chips) = 0;

  Template embed(const Image& chip) { return std::move(embed_all({&chip, 1}).front()); }
};

class LivenessModel {
 public:
  virtual ~LivenessModel() = default;
  /// 0–1, higher is more alive. `box` in pixels of `image`, in which the face is upright.
  virtual double score(const Image& image, const Box& box) = 0;
};

/// The rows of a runtime module's table.
struct DetectorRuntime {
  std::string_view name;
  /// The network's bytes, then those of the shape predictor where the manifest has one.
  std::unique_ptr<Detector> (*make)(const DetectorSpec&, std::span<const NetworkBytes>);
};
struct LandmarkRuntime {
  std::string_view name;
  std::unique_ptr<LandmarkModel> (*make)(const LandmarkSpec&, const NetworkBytes&);
};
struct EmbedderRuntime {
  std::string_view name;
  std::unique_ptr<Embedder> (*make)(const EmbedderSpec&, const NetworkBytes&);
};
struct LivenessRuntime {
  std::string_view name;
  std::unique_ptr<LivenessModel> (*make)(const LivenessSpec&, std::span<const NetworkBytes>);
};

struct AlignmentRuntime {
  std::string_view name;
  /// The face as `spec` wants it, of its size; what lies outside the picture is black.
  Image (*align)(const Image& image, const DetectedFace& face, const AlignmentSpec& spec);
};

/// Everything a module offers; lives as long as the module is loaded.
struct RuntimeTable {
  std::span<const DetectorRuntime> detectors;
  std::span<const LandmarkRuntime> landmarks;
  std::span<const EmbedderRuntime> embedders;
  std::span<const LivenessRuntime> liveness;
  std::span<const AlignmentRuntime> alignments;
};

/// Gives the table of a library (`opencv`, `dlib`). Throws Error(kModelMissing, RUNTIME_MISSING).
using Runtimes = std::function<const RuntimeTable&(std::string_view library)>;

}  // namespace facesearch
