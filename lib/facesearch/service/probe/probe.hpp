// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/core/policy.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/face/pipeline/quality.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/store/records.hpp"

namespace facesearch::service {

/// The chosen face in its picture.
struct Sighting {
  DetectedFace face;
  std::size_t faces_found = 0;
  std::string found_by;
  Quality quality;
  std::optional<LivenessResult> liveness;  ///< where it was checked or was to be reported
  Reduction reduction{};                   ///< of its picture; `face` is in pixels of the file's picture
  std::size_t place = 0;  ///< of the face among those of the picture as `detect` lists them, from 0
};

/// A template, with what answers say about its picture.
struct Probe {
  Template values;
  std::optional<Sighting> seen;  ///< none where the template was given
  LivenessOption liveness;
};

/// A face of a picture: its probe, or why it is none.
struct ProbedFace {
  Probe probe;  ///< without a template where it is refused
  std::optional<Error> refused{};
};

/// The faces of a picture.
struct ProbedPicture {
  std::vector<ProbedFace> faces;  ///< as `detect` lists them, the largest first; at most kMaxFacesOfPicture
  std::size_t main = 0;           ///< the largest that is not refused: what is said of one face is said of it
  std::size_t counted = 0;        ///< faces_that_count
  std::size_t alone = 0;          ///< the one that would be taken if one face were asked for
};

/// A template that was extracted elsewhere: nothing is known about its picture.
struct GivenTemplate {
  Template values;
  std::string fingerprint;  ///< of the pack that made it
};

/// What a request shows of a person: the bytes of a picture, or a template.
using ProbeInput = std::variant<std::vector<std::uint8_t>, GivenTemplate>;

/// The limits and checks of a picture.
struct ProbeRules {
  ImageLimits image{};
  SidePolicy side{};
  QualityLevel quality = QualityLevel::kBasic;
  double min_face_px = 0;
  bool report_liveness = false;  ///< measure it if the pack can, even if it is not checked
  std::size_t face = 0;  ///< of several, the one of this number, from 1, as `detect` lists them; 0: by `side`
};

/// Rules of a collection's side.
ProbeRules rules_of(const Policy& policy, const SidePolicy& side);

/// Throws Error(kImageRequired) if the picture has no bytes.
void require_picture(std::span<const std::uint8_t> picture);

/// Decodes the picture, finds and chooses the face, checks quality and liveness, embeds it: the one path of
/// every verb, in the order of the contract. With SeveralFaces::kReject it is refused where several faces
/// count (faces_that_count).
///
/// Throws as decode(); Error(kRefused) with FACE_NOT_FOUND, TOO_MANY_FACES or a quality reason;
/// Error(kLivenessFailed) with LIVENESS_FAILED, or LIVENESS_UNCERTAIN where it cannot be judged;
/// Error(kInvalidValue, NO_LIVENESS_MODEL) before all if the pack cannot check what the rules ask for.
Probe make_probe(FaceEngine& engine, std::span<const std::uint8_t> picture, const ProbeRules& rules);

/// Decodes the picture, finds all faces, checks and embeds each, together. What refuses one face alone (its
/// quality, its liveness) is said with it. Throws as make_probe; if every face is refused, the error of the
/// largest.
ProbedPicture make_probes(FaceEngine& engine, std::span<const std::uint8_t> picture, const ProbeRules& rules);

/// The probe of a request to a collection, under the policy `side`. A given template is taken as it is:
/// quality was checked where it was extracted. Throws as engine_of and make_probe for a picture. For a
/// template Error(kModelMismatch, TEMPLATE_OF_OTHER_MODEL), as require_template, and Error(kLivenessFailed,
/// LIVENESS_UNCERTAIN) where liveness is to be checked; no network is read.
Probe probe_of(EngineCache& engines, const CollectionRecord& collection, const ProbeInput& input,
               const SidePolicy& side);

/// The same for every face of a picture. A given template is one face.
ProbedPicture probes_of(EngineCache& engines, const CollectionRecord& collection, const ProbeInput& input,
                        const SidePolicy& side);

/// Throws Error(kModelMismatch, TEMPLATE_OF_OTHER_MODEL) unless a template was made by this pack.
void require_fingerprint(const std::string& given, const std::string& fingerprint, const std::string& pack);

/// Throws Error(kLivenessFailed, LIVENESS_UNCERTAIN) where the side checks liveness: a template shows none.
void require_no_liveness(const SidePolicy& side);

/// Throws as require_fingerprint and require_template.
void require_of_model(const GivenTemplate& given, const std::string& fingerprint, const std::string& pack,
                      int dimension);

/// Adds PICTURE_REDUCED where the picture was decoded smaller than it is.
void warn_of_reduction(const Reduction& reduction, std::vector<Warning>& warnings);

/// Remarks about the picture, where there was one: SEVERAL_FACES, FOUND_TURNED, PICTURE_REDUCED.
std::vector<Warning> warnings_of(const Probe& probe);

/// Of a picture whose faces were all asked for: FACES_LEFT_OUT, FOUND_TURNED, PICTURE_REDUCED.
std::vector<Warning> warnings_of(const ProbedPicture& picture);

}  // namespace facesearch::service
