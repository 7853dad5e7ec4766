// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/packs.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/service/machine/doctor.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;

bool is_same(const fs::path& one, const fs::path& other) {
  return !other.empty() && one.lexically_normal() == other.lexically_normal();
}

PackOrigin origin_of(const fs::path& folder, const PackPlaces& places) {
  const fs::path parent = folder.parent_path();
  if (is_same(parent, places.installed)) return PackOrigin::kInstalled;
  if (is_same(parent, places.catalog)) return PackOrigin::kBuiltIn;
  if (is_same(parent, places.catalog / "catalog")) return PackOrigin::kCatalogue;
  return PackOrigin::kFolder;
}

// The origin of a pack that find_pack refuses.
PackOrigin origin_of_broken(const std::string& name, const PackPlaces& places) {
  for (const fs::path& parent :
       {places.models, places.installed, places.catalog, places.catalog / "catalog"}) {
    std::error_code failed;
    if (!parent.empty() && fs::exists(parent / name / "manifest.json", failed))
      return origin_of(parent / name, places);
  }
  return PackOrigin::kFolder;
}

PackFile inspect_file(const Pack& pack, const NetworkRole& network) {
  PackFile file{std::string(network.role), *network.file, find_network(pack, *network.file), ""};
  if (!file.path || network.file->sha256.empty()) return file;
  std::error_code failed;
  const std::uintmax_t size = fs::file_size(*file.path, failed);
  if (!failed) file.fault = fault_of([&] { require_size(*network.file, *file.path, size); });
  return file;
}

PackInfo info_of(const Pack& pack, const PackPlaces& places) {
  PackInfo info;
  info.name = pack.name;
  info.title = pack.title;
  info.origin = origin_of(pack.folder, places);
  info.folder = pack.folder;
  info.dimension = pack.embedder.dimension;
  info.liveness = pack.liveness.has_value();
  bool recorded = true;
  for (const NetworkRole& network : networks_of(pack)) {
    info.files.push_back(inspect_file(pack, network));
    recorded = recorded && !network.file->sha256.empty();
  }
  info.calibration = find_calibration(places, pack);
  if (!recorded) return info;
  info.fingerprint = fingerprint(pack);
  std::error_code failed;
  info.own_calibration = info.calibration && !info.calibration->provisional && !places.calibrations.empty() &&
                         fs::exists(calibration_file(places, info.fingerprint), failed);
  return info;
}

// A word as a shell takes it.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:@%,=";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// True for a pack that is found, or has its files, in the folder of `--models` alone.
bool needs_models(const PackPlaces& places, const PackInfo& info) {
  if (places.models.empty()) return false;
  return lies_below(info.folder, places.models) || std::ranges::any_of(info.files, [&](const PackFile& file) {
           return file.path && lies_below(*file.path, places.models);
         });
}

std::string calibrate_by(const char* pictures, const PackPlaces& places, const PackInfo& info) {
  std::string command =
      fmt::format("facesearch calibrate --pack {} {} --write", shell_word(info.name), pictures);
  if (needs_models(places, info)) command += " --models " + shell_word(places.models.string());
  return command;
}

PackLack lack_of_files(const PackPlaces& places, const PackInfo& info) {
  PackLack lack{LackKind::kFiles, faults_of(info), ""};
  // A pack without a fingerprint has no checksums yet.
  if (info.origin != PackOrigin::kCatalogue && info.origin != PackOrigin::kInstalled) return lack;
  lack.command = "facesearch models install " + shell_word(info.name);
  const bool to_be_named = std::ranges::any_of(info.files, [](const PackFile& file) {
    return (!file.path || !file.fault.empty()) && file.network.urls.empty();
  });
  // A file of the user's that is not the right one would be taken again.
  if (!places.models.empty() && needs_models(places, info)) {
    lack.command += " --from " + shell_word(places.models.string());
  } else if (to_be_named) {
    lack.command += " --from DIR";
  }
  return lack;
}

}  // namespace

bool PackInfo::ready() const {
  return fault.empty() && !fingerprint.empty() &&
         std::ranges::all_of(files, [](const PackFile& file) { return file.path && file.fault.empty(); });
}

PackInfo show_pack(const PackPlaces& places, const std::string& name) {
  return info_of(find_pack(places, name), places);
}

std::vector<PackInfo> list_packs(const PackPlaces& places) {
  std::vector<PackInfo> all;
  for (const std::string& name : pack_names(places)) {
    PackInfo info;
    const std::string fault = fault_of([&] { info = show_pack(places, name); });
    info.name = name;
    info.fault = fault;
    if (!fault.empty()) info.origin = origin_of_broken(name, places);
    all.push_back(std::move(info));
  }
  return all;
}

void verify_pack(const PackPlaces& places, const Runtimes& runtimes, PackInfo& info) {
  const Pack pack = find_pack(places, info.name);
  for (PackFile& file : info.files) {
    if (file.path) file.fault = fault_of([&] { (void)read_network(pack, file.network); });
  }
  if (info.ready()) info.fault = fault_of([&] { FaceEngine(pack, runtimes).try_all(); });
}

std::string fault_of_missing(const PackFile& file) {
  return file.network.file + " is not there";
}

std::string faults_of(const PackInfo& info) {
  std::string words = info.fault;
  const auto add = [&](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
  for (const PackFile& file : info.files) {
    if (!file.path) add(fault_of_missing(file));
    if (!file.fault.empty()) add(file.fault);
  }
  if (words.empty() && info.fingerprint.empty()) add("what its files must be is not recorded: install it");
  return words;
}

std::string calibrate_command(const PackPlaces& places, const PackInfo& info) {
  return calibrate_by("--folder DIR", places, info);
}

std::string estimate_command(const PackPlaces& places, const PackInfo& info) {
  return calibrate_by("--provisional", places, info);
}

std::vector<PackLack> lacks_of(const PackPlaces& places, const PackInfo& info) {
  if (!info.ready()) return {lack_of_files(places, info)};
  std::vector<PackLack> lacks;
  if (!info.calibration) {
    lacks.push_back({LackKind::kCalibration,
                     fmt::format("it has no calibration: its scores have no meaning yet, and it can make no "
                                 "collection; `{}` estimates one",
                                 estimate_command(places, info)),
                     calibrate_command(places, info)});
  } else if (info.calibration->provisional) {
    lacks.push_back({LackKind::kCalibration,
                     "its calibration is provisional: estimated from people who do not exist, until you "
                     "measure it on your own pictures",
                     calibrate_command(places, info)});
  }
  if (!info.liveness) lacks.push_back({LackKind::kLiveness, "it has no network that checks liveness", ""});
  return lacks;
}

}  // namespace facesearch::service
