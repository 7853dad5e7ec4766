// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/runtimes/runtime.hpp"

/// Model packs as a user sees them: which there are, their files, whether they are complete. Needs no store
/// and no key.
namespace facesearch::service {

/// Where a pack's manifest comes from.
enum class PackOrigin : std::uint8_t {
  kBuiltIn,    ///< networks and all, with the program
  kInstalled,  ///< by `models install`
  kCatalogue,  ///< the program's, of networks that are elsewhere
  kFolder,     ///< a folder that the user named
};

/// One file of a pack.
struct PackFile {
  std::string role;  ///< see networks_of
  NetworkFile network;
  std::optional<std::filesystem::path> path;  ///< where it is; nothing where it is not
  std::string fault;                          ///< of a file that is there, in words; empty: none was found
};

struct PackInfo {
  std::string name;
  std::string title;
  PackOrigin origin = PackOrigin::kFolder;
  std::filesystem::path folder;  ///< of the manifest
  std::vector<PackFile> files;   ///< in the order of networks_of
  std::string fingerprint;       ///< empty where a checksum has not been recorded yet
  int dimension = 0;
  bool liveness = false;
  std::optional<Calibration> calibration;  ///< the one in force
  bool own_calibration = false;            ///< it is the user's own (`calibrate --write`)
  std::string fault;  ///< of the manifest or the pack as a whole, in words; empty: none was found

  /// Every file is there, and no fault was found.
  bool ready() const;
};

/// A pack and the presence and size of its files; only the manifest is read. Throws as
/// find_pack and find_calibration.
PackInfo show_pack(const PackPlaces& places, const std::string& name);

/// show_pack() of every pack, by name; what it throws becomes the pack's fault.
std::vector<PackInfo> list_packs(const PackPlaces& places);

/// Checks every file against its manifest, then loads each network and runs it once. Faults are put into
/// `info`.
void verify_pack(const PackPlaces& places, const Runtimes& runtimes, PackInfo& info);

/// What is wrong with a pack that is not ready, in words.
std::string faults_of(const PackInfo& info);

/// The same of a file that is not there.
std::string fault_of_missing(const PackFile& file);

enum class LackKind : std::uint8_t { kFiles, kCalibration, kLiveness };

/// Something that a pack cannot do yet.
struct PackLack {
  LackKind what = LackKind::kFiles;
  std::string detail;   ///< what follows from it, in words
  std::string command;  ///< the whole command that mends it; empty: none does
};

/// What a pack cannot do yet. Where it is not ready, that alone: no other command works before.
std::vector<PackLack> lacks_of(const PackPlaces& places, const PackInfo& info);

/// The command that calibrates a pack; `DIR` in it stands for the user's pictures.
std::string calibrate_command(const PackPlaces& places, const PackInfo& info);

/// The command that estimates a calibration. It works as it is.
std::string estimate_command(const PackPlaces& places, const PackInfo& info);

}  // namespace facesearch::service
