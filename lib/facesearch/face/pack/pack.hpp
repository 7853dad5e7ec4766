// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/geometry.hpp"

namespace facesearch {

class FilesBelow;  // file_search.hpp

/// One file of a network, as the manifest states it.
struct NetworkFile {
  std::string file;  ///< relative to one of Pack::files; never absolute, never with `..`
  /// 0 where the manifest leaves it out, together with `sha256`: what the file is, is recorded when the pack
  /// is installed, and before that nothing can be made of it.
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hex digits, or empty
  std::string licence;
  std::string source;             ///< where it comes from, for people
  std::vector<std::string> urls;  ///< where `models install` fetches it, in that order; may be empty
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
  std::string runtime;  ///< `opencv-yunet`, `opencv-scrfd`, `dlib-hog`, `dlib-mmod`
  NetworkFile network;
  std::optional<NetworkFile> shape;  ///< places points in the box of a detector that gives none: dlib's
  NetworkInput input;
  double min_score = 0;       ///< below it a detection is not reported
  double nms = 0;             ///< intersection over union above which the weaker of two is dropped
  double sure_score = 0.92;   ///< of an upright face nearly always, of one upside down nearly never
  double turned_score = 0.8;  ///< a turned pass must reach it; backgrounds, turned, score less
  int enlarge = 0;  ///< how often the view is doubled before the network sees it, for faces smaller than it
                    ///< knows
};

/// How a face becomes the embedder's input: `opencv-similarity` by the similarity that takes the five
/// landmarks to `landmarks`, `dlib-chip` by dlib's mean face to all points of the detector's shape predictor.
struct AlignmentSpec {
  int width = 0;
  int height = 0;
  Landmarks landmarks{};                      ///< of `opencv-similarity`
  std::string runtime = "opencv-similarity";  ///< or `dlib-chip`
  double padding = 0;                         ///< of `dlib-chip`: room around the face, a share of its size
};

/// A network that refines the landmarks of a face that was aligned by the detector's landmarks.
struct LandmarkSpec {
  std::string runtime;  ///< `opencv-landmarks`
  NetworkFile network;
  NetworkInput input;
  Landmarks points{};   ///< where the detector's landmarks come to lie in the input, in its pixels
  bool mirror = false;  ///< the landmarks are the mean of the answers to the face and to its mirror image
};

/// For a network that was taught by distance and whose answers lie in a small ball far from the origin, so
/// that all their cosines are near 1: they are lifted onto a sphere about that ball, where cosines follow the
/// distances (see template_of).
struct SphereSpec {
  std::vector<float> centre;  ///< of the answers, once they are of norm 1; of the embedder's dimension
  double radius = 1;          ///< of the sphere, at least as large as the ball
};

struct EmbedderSpec {
  std::string runtime;  ///< `opencv-onnx`, `dlib-resnet`, `dlib-densenet`
  NetworkFile network;
  NetworkInput input;
  std::string output;  ///< name of the output; empty: the only one
  int dimension = 0;
  bool mirror = false;  ///< a template is the mean of the answers to the face and to its mirror image
  std::optional<SphereSpec> sphere{};
};

/// One input of a liveness network: a crop about the centre of the face's box, scaled.
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
  std::string calibrated_for;              ///< the fingerprint that it is for; empty: whatever the files are
  std::filesystem::path folder;            ///< where the manifest lies
  bool of_catalogue = false;  ///< the manifest is the program's, and its files come by an installation
  std::vector<std::filesystem::path> files;  ///< folders that are searched for NetworkFile::file, in order
  std::filesystem::path searched;            ///< with the folders below it, by checksum; empty: none
  std::shared_ptr<FilesBelow> below;         ///< `searched`, its files
};

inline constexpr std::size_t kMaxManifestBytes = 1U << 20;

/// The text of a manifest. Throws Error(kInvalidValue, MANIFEST_INVALID) where the file cannot be read or has
/// more than kMaxManifestBytes.
std::string read_manifest(const std::filesystem::path& manifest);

/// Reads a manifest that lies in `folder`. Unknown members are ignored, missing or ill-typed ones refused by
/// name. Throws Error(kInvalidValue, MANIFEST_INVALID).
Pack parse_manifest(std::string_view json, const std::filesystem::path& folder);

/// Size and checksum that were recorded at installation.
struct RecordedFile {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// The manifest with bytes and checksum of every file that had none and has a record; one that had them all
/// comes back as it is. Requires a manifest that parse_manifest takes.
std::string recorded_manifest(const std::string& json, const std::map<std::string, RecordedFile>& records);

/// A calibration as it is kept by itself, `{"format", "pack", "fingerprint", "calibration"}`, and back; it is
/// for the pack with that fingerprint alone. parse_calibration throws Error(kInvalidValue,
/// CALIBRATION_INVALID).
std::string calibration_document(const Calibration& calibration, const std::string& pack,
                                 const std::string& fingerprint);
Calibration parse_calibration(std::string_view json, const std::string& fingerprint);

/// SHA-256 (64 hex digits) over what decides a template: detector, landmarks, alignment and embedder with
/// their checksums; not liveness, not calibration, not names, not where the files lie. Throws
/// Error(kModelMissing, PACK_NOT_INSTALLED) where a checksum has not been recorded yet.
std::string fingerprint(const Pack& pack);

/// The folders of packs.
struct PackPlaces {
  std::filesystem::path models{};     ///< `--models DIR`, see pack_folders; may be empty
  std::filesystem::path catalog{};    ///< the program's own `models` folder (…/share/facesearch/models)
  std::filesystem::path installed{};  ///< packs that `models install` has put there; may be empty
  std::filesystem::path made{};       ///< network files made when the program was built; may be empty
  /// Calibrations that the user has measured, `<fingerprint>.json`; they go before the manifest's. May be
  /// empty.
  std::filesystem::path calibrations{};
  /// The files below `models`, so that its packs share one walk. Without it each pack has a walk of its own.
  std::shared_ptr<FilesBelow> below{};
};

/// The file that keeps a calibration of the user's own for a pack.
std::filesystem::path calibration_file(const PackPlaces& places, const std::string& fingerprint);

/// The calibration of a pack: the first of these that is for its fingerprint. The user's own; that of a
/// manifest of the program, so that a pack that was installed before has it too; that of its own manifest; a
/// provisional one that is kept where the user's own are.
/// While a checksum has not been recorded, its own manifest's if that names no fingerprint. Throws
/// Error(kInvalidValue, CALIBRATION_INVALID) or (kPermissionDenied) naming the file that keeps the user's
/// own.
std::optional<Calibration> find_calibration(const PackPlaces& places, const Pack& pack);

/// Where the pack `name` may lie in a folder that a user named (`--models`, `--from`): that folder itself,
/// then the one of the pack's name in it. Its manifest and its files may be in either.
std::vector<std::filesystem::path> pack_folders(const std::filesystem::path& named, std::string_view name);

/// Where a network's file may lie in such a folder: by its path in the manifest, then by its bare name. It
/// may lie anywhere below the folder too, see file_search.hpp.
std::vector<std::filesystem::path> file_places(const std::filesystem::path& folder,
                                               const NetworkFile& network);

/// True for a path in a folder or in those below it, by their names.
bool lies_below(const std::filesystem::path& path, const std::filesystem::path& folder);

/// Folders as an error names them.
std::string listed(const std::vector<std::filesystem::path>& folders);

/// Finds the pack `name`: the manifest in the pack_folders() of `models`, in `installed/<name>`, the
/// program's `models/<name>` or `models/catalog/<name>`, the first that has that name. Each of its files is
/// looked for beside the manifest, then in the pack_folders() of `models`, in `made`, and below `models`
/// (find_network). Throws
/// Error(kModelMissing, PACK_NOT_FOUND) naming the folders it looked in, and as parse_manifest, naming the
/// file.
Pack find_pack(const PackPlaces& places, std::string_view name);

/// The pack whose manifest is `folder`/manifest.json, whatever its name; nothing where there is none.
/// Throws as parse_manifest, naming the file.
std::optional<Pack> pack_in(const std::filesystem::path& folder, const PackPlaces& places);

/// True for a name that leads out of no folder: not empty, no `/`, at most 64 bytes, no dot in front.
bool is_pack_name(std::string_view name);

/// Names of all packs that find_pack would find, and of the folders whose manifest it would refuse, sorted.
std::vector<std::string> pack_names(const PackPlaces& places);

/// A file of a pack and what it is for: `detector`, `shape`, `landmarks`, `embedder`, `liveness`.
struct NetworkRole {
  const NetworkFile* file = nullptr;
  std::string_view role;
};

/// Every file of the pack, in that order.
std::vector<NetworkRole> networks_of(const Pack& pack);

/// Throws Error(kModelMissing, PACK_NOT_INSTALLED) where the manifest does not say what the file must be.
void require_recorded(const Pack& pack, const NetworkFile& network);

/// The whole command that installs the pack, with `--from PATH` where a manifest has no address of a file.
std::string install_command(const Pack& pack);

/// Throws Error(kModelMissing, PACK_NOT_INSTALLED), naming the first file that is not there and the command
/// that brings it; where the user named a folder (`--models`) as require_network, which names that too. A
/// pack of a built-in one's name is left to read_network: no command installs it.
void require_installed(const PackPlaces& places, const Pack& pack);

/// Where the file is: the first of the pack's folders that holds a file of its name and size; else the file
/// of its size and checksum below the folder that the user named; else one of its name. Nothing where none
/// is.
std::optional<std::filesystem::path> find_network(const Pack& pack, const NetworkFile& network);

/// The same where it must be. Throws Error(kModelMissing): PACK_NOT_INSTALLED for a pack of the catalogue
/// of which the folder that the user named has no file, else MODEL_FILE_MISSING.
std::filesystem::path require_network(const Pack& pack, const NetworkFile& network);

/// The bytes of a regular file of at most `max_bytes`; none if it is missing, unreadable, larger or not a
/// regular file. Never allocates more than `max_bytes` + 1.
std::optional<std::vector<std::uint8_t>> read_bounded(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes);

inline constexpr std::uint64_t kMostNetworkBytes = 1ULL << 30;  ///< of one file

/// What read_network checks. Throw Error(kModelMissing) MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM, naming `path`.
void require_size(const NetworkFile& network, const std::filesystem::path& path, std::uint64_t bytes);
void require_checksum(const NetworkFile& network, const std::filesystem::path& path,
                      const std::vector<std::uint8_t>& bytes);

/// The whole file, its size and SHA-256 checked. The bytes that were checked are the bytes returned.
/// Throws Error(kModelMissing) with reason MODEL_FILE_MISSING, MODEL_FILE_SIZE, MODEL_FILE_CHECKSUM,
/// PACK_NOT_INSTALLED.
std::vector<std::uint8_t> read_network(const Pack& pack, const NetworkFile& network);

}  // namespace facesearch
