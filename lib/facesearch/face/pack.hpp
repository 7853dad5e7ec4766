// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/geometry.hpp"

namespace facesearch {

/// One file of a network, as the manifest states it.
struct NetworkFile {
  std::string file;  ///< relative to the models folder; never absolute, never with `..`
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hex digits
  std::string licence;
  std::string source;  ///< where it comes from, for people
};

/// How pixels become a network's input: x = (pixel − mean) · scale, planes in `rgb` or `bgr` order.
struct NetworkInput {
  int width = 0;  ///< 0 where the network takes any size
  int height = 0;
  bool rgb = true;               ///< false: the planes are in BGR order
  std::array<double, 3> mean{};  ///< in the network's own channel order, 0–255
  double scale = 1;
};

struct DetectorSpec {
  std::string runtime;  ///< `opencv-yunet`
  NetworkFile network;
  NetworkInput input;
  double min_score = 0;       ///< below it a detection is not reported
  double nms = 0;             ///< intersection over union above which the weaker of two is dropped
  double sure_score = 0.92;   ///< of an upright face nearly always, of one upside down nearly never
  double turned_score = 0.8;  ///< what a turned look must reach; above what turned backgrounds do
};

/// Where the five landmarks come to lie in the aligned face.
struct AlignmentSpec {
  int width = 0;
  int height = 0;
  Landmarks landmarks{};
};

/// A network that places the landmarks anew, looking at the face as the detector's own landmarks align it.
struct LandmarkSpec {
  std::string runtime;  ///< `opencv-landmarks`
  NetworkFile network;
  NetworkInput input;
  Landmarks points{};   ///< where the detector's landmarks come to lie in the input, in its pixels
  bool mirror = false;  ///< the landmarks are the mean of the answers to the face and to its mirror image
};

struct EmbedderSpec {
  std::string runtime;  ///< `opencv-onnx`
  NetworkFile network;
  NetworkInput input;
  std::string output;  ///< name of the output; empty: the only one
  int dimension = 0;
  bool mirror = false;  ///< a template is the mean of the answers to the face and to its mirror image
};

/// One crop a liveness network looks at: the face's box about its centre, scaled.
struct LivenessNetwork {
  NetworkFile network;
  double crop_scale = 1;
};

struct LivenessSpec {
  std::string runtime;                    ///< `opencv-minifasnet`
  std::vector<LivenessNetwork> networks;  ///< the score is the mean over all of them
  NetworkInput input;
  int live_index = 0;  ///< which of the output's classes means "live"
};

/// A manifest, read and checked: everything the program knows about a set of networks.
struct Pack {
  std::string name;
  std::string title;
  DetectorSpec detector;
  std::optional<LandmarkSpec> landmarks;  ///< without it the detector's landmarks are the face's
  AlignmentSpec alignment;
  EmbedderSpec embedder;
  std::optional<LivenessSpec> liveness;
  std::optional<Calibration> calibration;  ///< the manifest's own; see find_calibration
  std::filesystem::path files;             ///< the folder that NetworkFile::file is relative to
};

/// Reads a manifest. Unknown members are ignored, missing or ill-typed ones refused by name.
/// Throws Error(kInvalidValue, MANIFEST_INVALID).
Pack parse_manifest(std::string_view json, std::filesystem::path files);

/// A calibration as it is kept by itself, `{"format", "pack", "fingerprint", "calibration"}`, and back; it is
/// for the pack with that fingerprint alone. parse_calibration throws Error(kInvalidValue,
/// CALIBRATION_INVALID).
std::string calibration_document(const Calibration& calibration, const std::string& pack,
                                 const std::string& fingerprint);
Calibration parse_calibration(std::string_view json, const std::string& fingerprint);

/// SHA-256 (64 hex digits) over what decides a template: detector, landmarks, alignment and embedder with
/// their checksums; not liveness, not calibration, not names, not where the files lie.
std::string fingerprint(const Pack& pack);

/// Where packs are looked for.
struct PackPlaces {
  std::filesystem::path models;  ///< `--models DIR`: a pack folder, a folder of packs, or a folder of network
                                 ///< files; may be empty
  std::filesystem::path catalog;  ///< the program's own `models` folder (…/share/facesearch/models)
  /// Calibrations that the user has measured, `<fingerprint>.json`; they go before the manifest's. May be
  /// empty.
  std::filesystem::path calibrations{};
};

/// The file that keeps a calibration of the user's own for a pack.
std::filesystem::path calibration_file(const PackPlaces& places, const std::string& fingerprint);

/// The calibration of a pack: the user's own where there is one, else the manifest's, if it has one. Throws
/// Error(kInvalidValue, CALIBRATION_INVALID) or (kPermissionDenied) naming the file that keeps the user's
/// own.
std::optional<Calibration> find_calibration(const PackPlaces& places, const Pack& pack);

/// Finds the pack `name`: the manifest in `models`, `models/<name>`, the program's `models/<name>`
/// or `models/catalog/<name>`, the first that has that name. Its files are taken from beside the manifest
/// where they are there, else from `models`.
/// Throws Error(kModelMissing, PACK_NOT_FOUND) naming the folders it looked in, and as parse_manifest, naming
/// the file.
Pack find_pack(const PackPlaces& places, std::string_view name);

/// Names of all packs that find_pack would find, and of the folders whose manifest it would refuse, sorted.
std::vector<std::string> pack_names(const PackPlaces& places);

/// Every file of the pack: detector, landmarks, embedder, liveness.
std::vector<const NetworkFile*> networks_of(const Pack& pack);

/// The whole file, its size and SHA-256 checked. The bytes that were checked are the bytes returned.
/// Throws Error(kModelMissing) with reason MODEL_FILE_MISSING, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM.
std::vector<std::uint8_t> read_network(const Pack& pack, const NetworkFile& network);

}  // namespace facesearch
