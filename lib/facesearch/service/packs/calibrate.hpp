// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/match/operating_points.hpp"
#include "facesearch/service/packs/install.hpp"
#include "facesearch/service/packs/mean_points.hpp"
#include "facesearch/service/packs/synthetic_people.hpp"
#include "facesearch/service/probe/many_pictures.hpp"

namespace facesearch::service {

/// A picture and the person it shows; `file` is what PictureWork::read takes and answers show.
struct LabelledPicture {
  std::string file;
  std::string person;
};

/// Two pictures by their place in the list.
struct LabelledPair {
  std::size_t a = 0;
  std::size_t b = 0;
  bool mates = false;
};

struct CalibrateRequest {
  std::string pack;
  std::vector<LabelledPicture> pictures;
  /// What is compared; none: every picture with every other, mates where the person is the same.
  std::optional<std::vector<LabelledPair>> pairs;
  /// Two files or two persons, in either order, whose pairs are left out; each has to be among the pictures.
  std::set<std::pair<std::string, std::string>> excluded;
  std::size_t top = 20;      ///< so many of the most similar non-mates are listed
  std::string source;        ///< the data that is measured, as people are told of it
  bool provisional = false;  ///< the pictures are the program's synthetic people: the points are estimated
};

struct AlikePair {
  std::string a;
  std::string b;
  double cosine = 0;
};

struct CalibrateResult {
  std::string pack;
  std::string fingerprint;
  std::size_t pictures = 0;
  std::size_t people = 0;                      ///< with a template; 0 where only pairs were labelled
  std::map<std::string, std::size_t> skipped;  ///< pictures without a template, by reason
  std::uint64_t mates = 0;
  std::uint64_t non_mates = 0;
  std::uint64_t excluded = 0;
  OperatingPoints points;
  std::optional<MeanPoints> means;  ///< none where only pairs were labelled
  std::array<double, 5> tar{};      ///< share of the mates above each point; 0 where there are no mates
  std::vector<AlikePair> top;       ///< non-mates, most similar first
  std::string written;              ///< the file that keeps the calibration; empty: none
};

/// Measures a pack's operating points on labelled pictures. The largest face of a picture is taken, whatever
/// its quality. A file that is no picture, shows no face or may not be read is skipped and counted. Throws as
/// operating_points, as EngineCache and as `read`; Error(kInvalidValue) with CALIBRATION_INVALID for a source
/// that cannot be kept, LIST_INVALID for a name in `excluded` that is nobody's.
CalibrateResult calibrate(const CalibrateRequest& request, const PictureWork& work);

/// Estimates a pack's points from the program's synthetic people (match/provisional_points.hpp). `work.read`
/// is not used. Throws as provisional_points, SyntheticPeople, EngineCache and for_each_picture.
CalibrateResult calibrate_provisionally(const PackPlaces& places, const std::string& pack, PictureWork work);

/// Estimates and keeps the calibration of a pack that was just installed and has none. One that cannot be
/// estimated, or was not because `work.stopped` said so, is still lacking; why is said there.
void estimate_installed(const PackPlaces& places, InstallResult& result, const PictureWork& work);

/// Makes the folder that calibrations are kept in. Throws as store/file_system.hpp.
void prepare_calibrations(const PackPlaces& places);

/// Throws Error(kInvalidValue, PACK_CALIBRATED) where the pack has a calibration that was measured: a
/// provisional one never takes its place.
void require_unmeasured(const PackPlaces& places, const std::string& pack);

/// Keeps a calibration where find_calibration will find it for the pack with that fingerprint; one that was
/// there is replaced, but not a measured one by a provisional one. Returns the file. Throws as
/// require_unmeasured and store/file_system.hpp; Error(kStoreBusy) where others keep theirs for 10 seconds.
std::filesystem::path keep_calibration(const PackPlaces& places, const CalibrateResult& result);

}  // namespace facesearch::service
