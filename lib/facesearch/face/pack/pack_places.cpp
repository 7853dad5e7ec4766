// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/face/pack/pack.hpp"

namespace facesearch {
namespace {

namespace fs = std::filesystem;

// Folders of the program and of `models install` that hold packs, each in a folder of its own name.
std::vector<fs::path> program_shelves(const PackPlaces& places) {
  std::vector<fs::path> all;
  if (!places.installed.empty()) all.push_back(places.installed);
  if (!places.catalog.empty()) {
    all.push_back(places.catalog);
    all.push_back(places.catalog / "catalog");
  }
  return all;
}

bool is_recorded(const Pack& pack) {
  return std::ranges::none_of(networks_of(pack),
                              [](const NetworkRole& network) { return network.file->sha256.empty(); });
}

// Requires that the checksums of `pack` are recorded where its calibration names no fingerprint.
bool is_calibrated_for(const Pack& pack, const std::string& made_by) {
  if (!pack.calibration) return false;
  return (pack.calibrated_for.empty() ? fingerprint(pack) : pack.calibrated_for) == made_by;
}

std::optional<Calibration> own_calibration(const PackPlaces& places, const std::string& made_by) {
  if (places.calibrations.empty()) return std::nullopt;
  const fs::path file = calibration_file(places, made_by);
  std::error_code failed;
  if (!fs::exists(file, failed) && !failed) return std::nullopt;
  const auto bytes = failed ? std::nullopt : read_bounded(file, kMaxManifestBytes);
  if (!bytes) {
    throw Error(Cause::kPermissionDenied, "FILE_NOT_READABLE",
                fmt::format("the calibration {} is there and cannot be read", file.string()));
  }
  try {
    return parse_calibration(std::string(bytes->begin(), bytes->end()), made_by);
  } catch (const Error& error) {
    throw Error(error.cause(), error.reason(),
                fmt::format("{}: {}; delete the file, or measure again with `facesearch calibrate --write`",
                            file.string(), error.detail()));
  }
}

// Of the program's manifests, whatever their names: a pack of the user's may have the same networks.
std::optional<Calibration> catalogue_calibration(const PackPlaces& places, const std::string& made_by) {
  const PackPlaces program{.catalog = places.catalog};
  for (const std::string& name : places.catalog.empty() ? std::vector<std::string>{} : pack_names(program)) {
    try {
      const Pack pack = find_pack(program, name);
      if ((is_recorded(pack) || !pack.calibrated_for.empty()) && is_calibrated_for(pack, made_by))
        return pack.calibration;
    } catch (const Error&) {
      // A damaged manifest of the program: it is an error where its pack is used.
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<fs::path> pack_folders(const fs::path& named, std::string_view name) {
  return {named, named / name};
}

std::vector<fs::path> file_places(const fs::path& folder, const NetworkFile& network) {
  const fs::path file = network.file;
  std::vector<fs::path> places{folder / file};
  if (file.has_parent_path()) places.push_back(folder / file.filename());
  return places;
}

bool lies_below(const fs::path& path, const fs::path& folder) {
  const fs::path way = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

std::string listed(const std::vector<fs::path>& folders) {
  std::string text;
  for (const fs::path& folder : folders) text += (text.empty() ? "" : ", ") + folder.string();
  return text;
}

bool is_pack_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.size() <= 64 &&
         name.find_first_of(std::string_view("/\0", 2)) == std::string_view::npos;
}

std::string read_manifest(const fs::path& manifest) {
  const auto bytes = read_bounded(manifest, kMaxManifestBytes);
  if (bytes) return {bytes->begin(), bytes->end()};
  throw Error(Cause::kInvalidValue, "MANIFEST_INVALID",
              fmt::format("the manifest {} cannot be read or has more than {} bytes", manifest.string(),
                          kMaxManifestBytes));
}

std::optional<Pack> pack_in(const fs::path& folder, const PackPlaces& places) {
  std::error_code failed;
  const fs::path manifest = folder / "manifest.json";
  if (!fs::exists(manifest, failed)) return std::nullopt;
  Pack pack;
  const std::string text = read_manifest(manifest);
  try {
    pack = parse_manifest(text, folder);
  } catch (const Error& error) {
    throw Error(error.cause(), error.reason(), fmt::format("{}: {}", manifest.string(), error.detail()));
  }
  std::vector<fs::path> elsewhere;
  if (!places.models.empty()) elsewhere = pack_folders(places.models, pack.name);
  pack.searched = places.models;
  if (!places.models.empty())
    pack.below = places.below ? places.below : std::make_shared<FilesBelow>(places.models);
  pack.of_catalogue = !places.catalog.empty() && folder.parent_path().lexically_normal() ==
                                                     (places.catalog / "catalog").lexically_normal();
  if (!places.made.empty()) elsewhere.push_back(places.made);
  for (const fs::path& other : elsewhere) {
    if (std::ranges::find(pack.files, other) == pack.files.end()) pack.files.push_back(other);
  }
  return pack;
}

std::vector<NetworkRole> networks_of(const Pack& pack) {
  std::vector<NetworkRole> all{{&pack.detector.network, "detector"}};
  if (pack.detector.shape) all.push_back({&*pack.detector.shape, "shape"});
  if (pack.landmarks) all.push_back({&pack.landmarks->network, "landmarks"});
  all.push_back({&pack.embedder.network, "embedder"});
  if (pack.liveness) {
    for (const LivenessNetwork& network : pack.liveness->networks)
      all.push_back({&network.network, "liveness"});
  }
  return all;
}

fs::path calibration_file(const PackPlaces& places, const std::string& fingerprint) {
  return places.calibrations / (fingerprint + ".json");
}

std::optional<Calibration> find_calibration(const PackPlaces& places, const Pack& pack) {
  if (!is_recorded(pack)) return pack.calibrated_for.empty() ? pack.calibration : std::nullopt;
  const std::string made_by = fingerprint(pack);
  auto own = own_calibration(places, made_by);
  if (own && !own->provisional) return own;
  if (auto known = catalogue_calibration(places, made_by)) return known;
  return is_calibrated_for(pack, made_by) ? pack.calibration : own;
}

Pack find_pack(const PackPlaces& places, std::string_view name) {
  if (!is_pack_name(name)) {
    throw Error(Cause::kModelMissing, "PACK_NOT_FOUND",
                "a model pack's name has 1 to 64 bytes, no / in it and no dot in front; of a pack that lies "
                "elsewhere, name the folder with --models");
  }
  std::vector<fs::path> folders;
  if (!places.models.empty()) folders = pack_folders(places.models, name);
  for (const fs::path& shelf : program_shelves(places)) folders.push_back(shelf / name);
  for (const fs::path& folder : folders) {
    auto pack = pack_in(folder, places);
    if (pack && pack->name == name) return std::move(*pack);
  }
  throw Error(Cause::kModelMissing, "PACK_NOT_FOUND",
              folders.empty() ? "there is no folder to look for this model pack in"
                              : fmt::format("there is no model pack {} in {}; install it or name its folder "
                                            "with --models",
                                            name, listed(folders)));
}

std::vector<std::string> pack_names(const PackPlaces& places) {
  std::set<std::string> names;
  const auto add = [&](const fs::path& folder, bool any_name) {
    try {
      const auto pack = pack_in(folder, places);
      if (pack && (any_name || pack->name == folder.filename())) names.insert(pack->name);
    } catch (const Error& error) {
      if (error.cause() != Cause::kInvalidValue) throw;
      std::error_code failed;
      const fs::path name = (any_name ? fs::weakly_canonical(folder, failed) : folder).filename();
      if (is_pack_name(name.string())) {
        names.insert(name);
      } else if (any_name) {
        names.insert("models");  // find_pack refuses this manifest whatever name it looks for
      }
    }
  };
  std::vector<fs::path> shelves = program_shelves(places);
  if (!places.models.empty()) {
    add(places.models, true);
    shelves.insert(shelves.begin(), places.models);
  }
  for (const fs::path& shelf : shelves) {
    std::error_code failed;
    for (fs::directory_iterator entry(shelf, failed), end; !failed && entry != end; entry.increment(failed)) {
      add(entry->path(), false);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace facesearch
