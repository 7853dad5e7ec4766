// SPDX-License-Identifier: MIT
#include "facesearch/service/install.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/face/bounded_file.hpp"
#include "facesearch/face/engine.hpp"
#include "facesearch/fetch/address.hpp"
#include "facesearch/fetch/body.hpp"
#include "facesearch/store/file_lock.hpp"
#include "facesearch/store/file_system.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = 1ULL << 30;
constexpr std::uint64_t kMostManifestBytes = 1U << 20;
constexpr const char* kTemporary = ".tmp-";

// A manifest that is to be installed, and where its files may lie beside it.
struct Source {
  fs::path manifest;
  std::string json;
  Pack pack;
};

[[noreturn]] void refuse(const char* reason, std::string detail) {
  throw Error(Cause::kInvalidValue, reason, std::move(detail));
}

bool is_there(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

bool is_path(const std::string& pack) {
  return pack.find('/') != std::string::npos || is_there(pack);
}

std::string catalogue_names(const PackPlaces& places) {
  std::string names;
  for (const std::string& name : pack_names({.models = places.catalog / "catalog"}))
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

fs::path manifest_named(const PackPlaces& places, const std::string& pack) {
  std::error_code failed;
  if (is_path(pack)) {
    fs::path path = fs::is_directory(pack, failed) ? fs::path(pack) / "manifest.json" : fs::path(pack);
    if (!fs::is_regular_file(path, failed))
      refuse("FILE_NOT_FOUND", fmt::format("there is no manifest {}", path.string()));
    return path;
  }
  fs::path path = places.catalog / "catalog" / pack / "manifest.json";
  if (!is_pack_name(pack) || !fs::is_regular_file(path, failed)) {
    throw Error(
        Cause::kModelMissing, "PACK_NOT_FOUND",
        fmt::format("the catalogue has no pack '{}'; it has {}. A pack of your own is installed by the "
                    "path of its folder or manifest, with a / in it",
                    pack, catalogue_names(places)));
  }
  return path;
}

Source read_source(const PackPlaces& places, const std::string& pack) {
  if (is_pack_name(pack) && !is_path(pack) && is_there(places.catalog / pack / "manifest.json"))
    refuse("PACK_BUILT_IN", fmt::format("the pack {} is built in; there is nothing to install", pack));
  Source source;
  source.manifest = manifest_named(places, pack);
  const auto bytes = read_bounded(source.manifest, kMostManifestBytes);
  if (!bytes) {
    refuse("MANIFEST_INVALID", fmt::format("the manifest {} cannot be read or has more than {} bytes",
                                           source.manifest.string(), kMostManifestBytes));
  }
  source.json.assign(bytes->begin(), bytes->end());
  try {
    source.pack = parse_manifest(source.json, source.manifest.parent_path());
  } catch (const Error& error) {
    throw Error(error.cause(), error.reason(),
                fmt::format("{}: {}", source.manifest.string(), error.detail()));
  }
  if (is_there(places.catalog / source.pack.name / "manifest.json")) {
    refuse("PACK_BUILT_IN",
           fmt::format("a pack named {} is built in; give yours another name in its manifest",
                       source.pack.name));
  }
  return source;
}

// The checksums that an installed manifest has recorded, by file.
std::map<std::string, RecordedFile> records_of(const Pack& pack) {
  std::map<std::string, RecordedFile> records;
  for (const NetworkRole& network : networks_of(pack)) {
    if (!network.file->sha256.empty())
      records[network.file->file] = {network.file->bytes, network.file->sha256};
  }
  return records;
}

// The pack of that name that is installed; nothing where there is none. One whose manifest cannot be read is
// in the way.
std::optional<Pack> installed_pack(const PackPlaces& places, const std::string& name) {
  try {
    return pack_in(places.installed / name, {.models = {}, .made = {}});
  } catch (const Error& error) {
    refuse("PACK_EXISTS",
           fmt::format("{}; take it away with `facesearch models remove {}`", error.detail(), name));
  }
}

/// The folder of installed packs, ours alone while this lives.
class Shelf {
 public:
  Shelf(const PackPlaces& places, std::chrono::milliseconds patience) : packs_(places.installed) {
    if (packs_.empty())
      refuse("HOME_UNKNOWN", "neither HOME nor XDG_DATA_HOME is set; installed packs have no place");
    std::error_code failed;
    fs::create_directories(packs_.parent_path().parent_path(), failed);
    if (failed) storage::throw_errno(failed.value(), "make the folder", packs_.parent_path().parent_path());
    for (const fs::path& folder : {packs_.parent_path(), packs_, partial()})
      storage::make_private_folder(folder);
    lock_.emplace(packs_.parent_path() / "packs.lock");
    lock_->lock(0, storage::LockMode::kExclusive, storage::Patience(patience), "the folder of model packs");
    sweep();
  }

  fs::path partial() const { return packs_.parent_path() / "partial"; }
  fs::path temporary() const { return packs_ / (kTemporary + Uuid::make().text()); }

  void put(const fs::path& made, const std::string& name) const {
    const fs::path place = packs_ / name;
    if (is_there(place)) storage::move_entry(place, temporary());
    storage::move_entry(made, place);
    sweep();
  }

  void take_away(const std::string& name) const {
    storage::move_entry(packs_ / name, temporary());
    sweep();
  }

  // What an installation left that was killed, or was replaced.
  void sweep() const {
    std::error_code failed;
    for (fs::directory_iterator entry(packs_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      std::error_code ignored;
      if (entry->path().filename().string().starts_with(kTemporary)) fs::remove_all(entry->path(), ignored);
    }
  }

 private:
  fs::path packs_;
  std::optional<storage::LockFile> lock_;
};

// Bytes that may be a network's file, or why not.
std::string fault_of_bytes(const NetworkFile& network, const std::vector<std::uint8_t>& bytes,
                           const fs::path& path, std::string& reason) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kStart));
  if (is_lfs_pointer(start)) {
    reason = "LFS_POINTER";
    return fmt::format("{} is a Git LFS pointer and not the file; run `git lfs pull` where it comes from",
                       path.string());
  }
  if (network.sha256.empty()) return "";
  if (bytes.size() != network.bytes) {
    reason = "MODEL_FILE_SIZE";
    return fmt::format("{} has {} bytes, the manifest says {}", path.string(), bytes.size(), network.bytes);
  }
  const std::string digest = hex(sha256(bytes));
  if (digest == network.sha256) return "";
  reason = "MODEL_FILE_CHECKSUM";
  return fmt::format("{} has the SHA-256 {}, the manifest says {}", path.string(), digest, network.sha256);
}

/// Gathers the files of one pack in a folder.
class Gathering {
 public:
  Gathering(const PackPlaces& places, const InstallRequest& request, const InstallWork& work,
            const Source& source, const Shelf& shelf, fs::path folder)
      : places_(places),
        request_(request),
        work_(work),
        source_(source),
        shelf_(shelf),
        folder_(std::move(folder)) {}

  void run() {
    for (const NetworkRole& network : networks_of(source_.pack)) {
      if (files_.contains(network.file->file)) continue;  // one file may serve twice
      if (work_.begin_file) work_.begin_file(network.file->file);
      make_folders(folder_ / network.file->file);
      files_[network.file->file] = bring(*network.file);
    }
  }

  std::map<std::string, RecordedFile> records() const {
    std::map<std::string, RecordedFile> all;
    for (const auto& [file, brought] : files_) all[file] = brought.record;
    return all;
  }

  std::vector<InstalledFile> told() const {
    std::vector<InstalledFile> all;
    for (const auto& [file, brought] : files_) all.push_back({file, brought.from, brought.recorded});
    return all;
  }

 private:
  struct Brought {
    RecordedFile record;
    std::string from;
    bool recorded = false;
  };

  void make_folders(const fs::path& file) const {
    fs::path made = folder_;
    for (const fs::path& part : fs::relative(file.parent_path(), folder_)) {
      made /= part;
      storage::make_private_folder(made);
    }
  }

  Brought bring(const NetworkFile& network) const {
    // What the user names must be right; what happens to lie about may be another's.
    for (const fs::path& folder : request_.from) {
      for (const fs::path& name : {fs::path(network.file), fs::path(network.file).filename()}) {
        if (is_there(folder / name)) return *take(network, folder / name, true);
      }
    }
    const fs::path beside = source_.manifest.parent_path() / network.file;
    if (is_there(beside)) return *take(network, beside, true);
    for (const fs::path& folder : {places_.installed / source_.pack.name, places_.made}) {
      if (folder.empty() || network.sha256.empty() || !is_there(folder / network.file)) continue;
      if (auto brought = take(network, folder / network.file, false)) return *brought;
    }
    if (network.urls.empty()) {
      throw Error(
          Cause::kModelMissing, "MODEL_FILE_MISSING",
          fmt::format("{} of pack {} cannot be fetched: its manifest has no address, it comes from {}. "
                      "Name the folder that holds it with --from",
                      network.file, source_.pack.name, network.source));
    }
    return fetch(network);
  }

  std::optional<Brought> take(const NetworkFile& network, const fs::path& path, bool must_be_right) const {
    const auto bytes = read_bounded(path, kMostBytes);
    std::string reason = "MODEL_FILE_MISSING";
    std::string fault = bytes ? "" : path.string() + " cannot be read, or has more than 1 GiB";
    if (bytes) fault = fault_of_bytes(network, *bytes, path, reason);
    if (!fault.empty()) {
      if (must_be_right) throw Error(Cause::kModelMissing, reason, fault);
      return std::nullopt;
    }
    const fs::path place = folder_ / network.file;
    storage::replace_file(place, place.string() + ".part",
                          {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return Brought{{bytes->size(), hex(sha256(*bytes))}, path.string(), network.sha256.empty()};
  }

  Brought fetch(const NetworkFile& network) const {
    WantedFile wanted{network.urls, std::nullopt, std::nullopt};
    if (network.sha256.empty()) {
      // Nothing tells whether the right file came but who sent it.
      const bool plain = std::ranges::any_of(
          network.urls, [](const std::string& url) { return scheme_of(url) == Scheme::kHttp; });
      if (plain) {
        throw Error(
            Cause::kModelMissing, "CHECKSUM_UNKNOWN",
            fmt::format("the checksum of {} is not known, so it is not fetched over http, where anybody "
                        "on the way could change it; use https, or fetch it yourself and name its folder "
                        "with --from",
                        network.file));
      }
    } else {
      wanted.bytes = network.bytes;
      wanted.sha256 = network.sha256;
    }
    const std::string name = network.sha256.empty() ? hex(sha256(network.urls.front())) : network.sha256;
    const FetchedFile fetched = fetch_file(work_.transport(), wanted, folder_ / network.file,
                                           shelf_.partial() / (name + ".part"), work_.fetch);
    return {{fetched.bytes, fetched.sha256},
            fetched.address.empty() ? public_address(network.urls.front()) : fetched.address,
            network.sha256.empty()};
  }

  const PackPlaces& places_;
  const InstallRequest& request_;
  const InstallWork& work_;
  const Source& source_;
  const Shelf& shelf_;
  fs::path folder_;
  std::map<std::string, Brought> files_;
};

void try_pack(const fs::path& folder, const Runtimes& runtimes) {
  const auto pack = pack_in(folder, {.models = {}, .made = {}});
  if (!pack) throw Error(Cause::kInternal, "INTERNAL", "a pack that was just made is not there");
  for (const NetworkRole& network : networks_of(*pack)) (void)read_network(*pack, *network.file);
  FaceEngine(*pack, runtimes).try_all();
}

}  // namespace

InstallResult install_pack(const PackPlaces& places, const InstallRequest& request, const InstallWork& work) {
  for (const fs::path& folder : request.from) {
    if (!storage::is_folder(folder))
      refuse("FOLDER_INVALID",
             fmt::format("{} is no folder; --from names folders of files", folder.string()));
  }
  Source source = read_source(places, request.pack);
  const std::string name = source.pack.name;
  const Shelf shelf(places, work.patience);
  PackPlaces alone = places;
  alone.models.clear();
  if (const auto there = installed_pack(places, name)) {
    // What is there has recorded what this manifest may leave open.
    source.json = recorded_manifest(source.json, records_of(*there));
    source.pack = parse_manifest(source.json, source.pack.folder);
    const auto text = read_bounded(places.installed / name / "manifest.json", kMostManifestBytes);
    if (!text || std::string(text->begin(), text->end()) != source.json) {
      refuse("PACK_EXISTS", fmt::format("another pack {} is installed; take it away with `facesearch models "
                                        "remove {}`. Collections that were made with it need it",
                                        name, name));
    }
    InstallResult result{show_pack(alone, name), true, {}};
    verify_pack(alone, work.runtimes, result.pack);
    if (result.pack.ready()) return result;
  }
  const fs::path folder = shelf.temporary();
  storage::make_private_folder(folder);
  try {
    Gathering gathering(places, request, work, source, shelf, folder);
    gathering.run();
    storage::replace_file(folder / "manifest.json", folder / "manifest.json.part",
                          recorded_manifest(source.json, gathering.records()));
    try_pack(folder, work.runtimes);
    shelf.put(folder, name);
    return {show_pack(alone, name), false, gathering.told()};
  } catch (...) {
    shelf.sweep();
    throw;
  }
}

void remove_pack(const PackPlaces& places, const std::string& name, std::chrono::milliseconds patience) {
  const bool valid = is_pack_name(name);
  if (valid && is_there(places.catalog / name / "manifest.json"))
    refuse("PACK_BUILT_IN", fmt::format("the pack {} is built in; it cannot be taken away", name));
  if (!valid || places.installed.empty() || !is_there(places.installed / name)) {
    throw Error(Cause::kModelMissing, "PACK_NOT_INSTALLED",
                fmt::format("no pack '{}' is installed; `facesearch models list` says which are", name));
  }
  Shelf(places, patience).take_away(name);
}

}  // namespace facesearch::service
