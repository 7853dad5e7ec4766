// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/runtimes/runtime.hpp"

/// Packs as a user sees them: what there is, what is in it, whether it is whole. No store, no key.
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
  std::filesystem::path folder;  ///< where the manifest lies
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

/// What there is of a pack, by its files' presence and size; nothing is read but the manifest. Throws as
/// find_pack and find_calibration.
PackInfo show_pack(const PackPlaces& places, const std::string& name);

/// show_pack of every pack there is, by name; what show_pack throws is the pack's fault.
std::vector<PackInfo> list_packs(const PackPlaces& places);

/// Reads every file against its manifest, then makes each network and asks it once. What is found wrong is
/// put into `info`.
void verify_pack(const PackPlaces& places, const Runtimes& runtimes, PackInfo& info);

/// What is wrong with a pack that is not ready, in words.
std::string faults_of(const PackInfo& info);

}  // namespace facesearch::service
