// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/install.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/fetch/address.hpp"
#include "facesearch/service/machine/doctor.hpp"
#include "facesearch/service/packs/file_sources.hpp"
#include "facesearch/service/packs/pack_folder.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;

// A manifest that is to be installed; its files may be beside it.
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
  // A folder in the working folder that has a pack's name is not meant.
  return pack == "." || pack == ".." || pack.find('/') != std::string::npos;
}

std::string catalogue_names(const PackPlaces& places) {
  std::string names;
  for (const std::string& name : pack_names({.models = places.catalog / "catalog"}))
    names += (names.empty() ? "" : ", ") + name;
  return names;
}

// The manifest of a pack of this name that lies in one of the folders the user named.
std::optional<fs::path> manifest_in(const std::vector<fs::path>& folders, const std::string& name) {
  for (const fs::path& folder : folders) {
    const auto pack = pack_in(folder, {});
    if (pack && pack->name == name) return folder / "manifest.json";
  }
  return std::nullopt;
}

fs::path manifest_named(const PackPlaces& places, const InstallRequest& request) {
  const std::string& pack = request.pack;
  std::error_code failed;
  if (is_path(pack)) {
    fs::path path = fs::is_directory(pack, failed) ? fs::path(pack) / "manifest.json" : fs::path(pack);
    if (!fs::is_regular_file(path, failed))
      refuse("FILE_NOT_FOUND", fmt::format("there is no manifest {}", path.string()));
    return path;
  }
  fs::path path = places.catalog / "catalog" / pack / "manifest.json";
  if (is_pack_name(pack) && fs::is_regular_file(path, failed)) return path;
  std::vector<fs::path> folders;
  for (const fs::path& named : request.from) {
    if (scheme_of(named.string()) != Scheme::kNone || !storage::is_folder(named)) continue;
    for (const fs::path& folder : pack_folders(named, pack)) folders.push_back(folder);
  }
  if (is_pack_name(pack)) {
    if (const auto found = manifest_in(folders, pack)) return *found;
    // To repair a pack of the user's own, whose manifest may be nowhere else.
    path = places.installed / pack / "manifest.json";
    if (!places.installed.empty() && fs::is_regular_file(path, failed)) return path;
  }
  throw Error(
      Cause::kModelMissing, "PACK_NOT_FOUND",
      fmt::format(
          "the catalogue has no pack '{}'; it has {}. {}A pack of your own is installed by the "
          "path of its folder or manifest, with a / in it",
          pack, catalogue_names(places),
          folders.empty() ? "" : fmt::format("No manifest of that name is in {}. ", listed(folders))));
}

// Each file must have a place of its own, beside the manifest.
void require_places(const Pack& pack) {
  std::map<std::string, const NetworkFile*> files{{"manifest.json", nullptr}};
  const auto refuse_file = [](const std::string& file, const std::string& why) {
    refuse("MANIFEST_INVALID", fmt::format("the manifest is not valid: the file {} {}", file, why));
  };
  for (const NetworkRole& network : networks_of(pack)) {
    const auto [other, is_new] = files.try_emplace(network.file->file, network.file);
    if (is_new) continue;
    if (other->second == nullptr) refuse_file(other->first, "cannot lie where the manifest does");
    if (other->second->sha256 != network.file->sha256 || other->second->bytes != network.file->bytes)
      refuse_file(other->first, "is named twice, with different bytes or sha256");
  }
  for (const auto& [file, network] : files) {
    for (fs::path folder = fs::path(file).parent_path(); !folder.empty(); folder = folder.parent_path()) {
      if (files.contains(folder.string()))
        refuse_file(file, fmt::format("would lie in {}, which is a file too", folder.string()));
    }
  }
}

Source read_source(const PackPlaces& places, const InstallRequest& request) {
  const std::string& pack = request.pack;
  if (is_pack_name(pack) && !is_path(pack) && is_there(places.catalog / pack / "manifest.json"))
    refuse("PACK_BUILT_IN", fmt::format("the pack {} is built in; there is nothing to install", pack));
  Source source;
  source.manifest = manifest_named(places, request);
  source.json = read_manifest(source.manifest);
  try {
    source.pack = parse_manifest(source.json, source.manifest.parent_path());
    require_places(source.pack);
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

// The installed pack of that name, if there is one. One whose manifest cannot be read is an error.
std::optional<Pack> installed_pack(const PackPlaces& places, const std::string& name) {
  try {
    return pack_in(places.installed / name, {.models = {}, .made = {}});
  } catch (const Error& error) {
    refuse("PACK_EXISTS",
           fmt::format("{}; take it away with `facesearch models remove {}`", error.detail(), name));
  }
}

// True where the two make different templates or judge liveness by other networks. Words, addresses and
// calibration may have changed in the catalogue since.
bool is_another(const Pack& one, const Pack& other) {
  const auto recorded = [](const Pack& pack) {
    return std::ranges::none_of(networks_of(pack), [](auto network) { return network.file->sha256.empty(); });
  };
  if (!recorded(one) || !recorded(other) || fingerprint(one) != fingerprint(other)) return true;
  const auto files = [](const Pack& pack) {
    std::vector<std::string> all;
    for (const NetworkRole& network : networks_of(pack))
      all.push_back(network.file->file + " " + network.file->sha256);
    return all;
  };
  return files(one) != files(other);
}

// Copies or downloads the files of one pack into a folder.
class PackFiles {
 public:
  PackFiles(const PackPlaces& places, const InstallRequest& request, const InstallWork& work,
            const Source& source, const PackFolder& packs, fs::path folder)
      : places_(places),
        request_(request),
        work_(work),
        source_(source),
        packs_(packs),
        folder_(std::move(folder)),
        unpacked_(packs.temporary()),
        needs_{source.pack, work, packs.partial(), unpacked_} {
    storage::make_private_folder(unpacked_);
    for (const fs::path& from : request.from) sources_.push_back(make_source(needs_, from));
  }

  void run() {
    for (const NetworkRole& network : networks_of(source_.pack)) {
      if (files_.contains(network.file->file)) continue;  // one file may serve twice
      if (work_.begin_file) work_.begin_file(network.file->file);
      make_folders(folder_ / network.file->file);
      files_[network.file->file] = obtain(*network.file);
    }
    for (const auto& [name, file] : complete_) storage::move_entry(packs_.partial() / name, folder_ / file);
  }

  std::map<std::string, RecordedFile> records() const {
    std::map<std::string, RecordedFile> all;
    for (const auto& [file, obtained] : files_) all[file] = obtained.record;
    return all;
  }

  std::vector<InstalledFile> installed() const {
    std::vector<InstalledFile> all;
    for (const auto& [file, obtained] : files_)
      all.push_back({file, obtained.from, obtained.member, obtained.recorded});
    return all;
  }

  const std::vector<std::string>& passed_over() const { return passed_over_; }

 private:
  struct Obtained {
    RecordedFile record;
    std::string from;
    std::string member;
    bool recorded = false;
  };

  void make_folders(const fs::path& file) const {
    fs::path made = folder_;
    for (const fs::path& part : fs::relative(file.parent_path(), folder_)) {
      made /= part;
      storage::make_private_folder(made);
    }
  }

  Obtained obtain(const NetworkFile& network) {
    SearchReport report;
    auto found = find(network, report);
    Obtained obtained = found ? put(network, *found) : fetch(network, report);
    for (const std::string& fault : report.faults()) {
      if (std::ranges::find(passed_over_, fault) == passed_over_.end()) passed_over_.push_back(fault);
    }
    return obtained;
  }

  std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) {
    for (const auto& source : sources_) {
      if (auto found = source->find(network, report)) return found;
    }
    for (const fs::path& beside : file_places(source_.manifest.parent_path(), network)) {
      if (!is_there(beside)) continue;
      if (auto found = offer(network, beside, report)) return found;
    }
    // What lies about and is not right is not worth a word.
    SearchReport unsaid;
    for (const fs::path& folder : {places_.installed / source_.pack.name, places_.made}) {
      if (folder.empty() || network.sha256.empty() || !is_there(folder / network.file)) continue;
      if (auto found = offer(network, folder / network.file, unsaid)) return found;
    }
    return std::nullopt;
  }

  Obtained put(const NetworkFile& network, const OfferedFile& found) const {
    const fs::path place = folder_ / network.file;
    if (found.unpacked.empty()) {
      storage::replace_file(place, packs_.temporary(),
                            {reinterpret_cast<const char*>(found.bytes.data()), found.bytes.size()});
    } else {
      storage::move_entry(found.unpacked, place);
    }
    return {found.record, found.from, found.member, network.sha256.empty()};
  }

  // From the manifest's addresses: of the file itself, then of archives that hold it.
  Obtained fetch(const NetworkFile& network, SearchReport& report) {
    std::vector<std::string> plain;
    std::vector<std::string> archives;
    for (const std::string& url : network.urls) {
      if (request_.offline && scheme_of(url) != Scheme::kFile) continue;
      const bool packed = is_archive_name(public_address(url)) && !is_archive_name(network.file);
      (packed ? archives : plain).push_back(url);
    }
    const bool last = archives.empty() && report.words().empty();
    if (!plain.empty() && last) return download(network, plain);
    if (!plain.empty()) {
      try {
        return download(network, plain);
      } catch (const Error& error) {
        if (error.cause() != Cause::kModelMissing) throw;
        report.passed_over(error.reason(), error.detail());
      }
    }
    for (const std::string& url : archives) {
      auto& source = addresses_[url];
      if (!source) source = make_source(needs_, url);
      if (auto found = source->find(network, report)) return put(network, *found);
    }
    refuse_missing(network, report);
  }

  [[noreturn]] void refuse_missing(const NetworkFile& network, const SearchReport& report) const {
    std::string why;
    if (network.urls.empty()) {
      why = fmt::format("Its manifest has no address, only words about where it is from: {}", network.source);
    } else if (request_.offline) {
      why =
          fmt::format("--offline asks no address; the manifest has {}", public_address(network.urls.front()));
    } else {
      why = "None of the manifest's addresses has it";
    }
    throw Error(
        Cause::kModelMissing, report.reason("MODEL_FILE_MISSING"),
        fmt::format("{} of pack {} was not found.{} {}. Get the file or an archive of it, and name its "
                    "place: `facesearch models install {} --from PATH`",
                    network.file, source_.pack.name, report.words(), why, request_.pack));
  }

  Obtained download(const NetworkFile& network, const std::vector<std::string>& urls) {
    WantedFile wanted{urls, std::nullopt, std::nullopt};
    if (network.sha256.empty()) {
      // Without a checksum only the sender's identity tells whether it is the right file.
      const bool plain =
          std::ranges::any_of(urls, [](const std::string& url) { return scheme_of(url) == Scheme::kHttp; });
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
    const std::string name = network.sha256.empty() ? hex(sha256(urls.front())) : network.sha256;
    const fs::path partial = packs_.partial() / (name + ".part");
    const fs::path place = folder_ / network.file;
    // A complete download is kept beside the partial ones until all are here: the next installation need not
    // fetch it again.
    const fs::path complete = packs_.partial() / name;
    const bool kept = !network.sha256.empty() && complete_.try_emplace(name, network.file).second;
    if (kept && is_there(complete)) storage::move_entry(complete, partial);  // fetch_file checks it
    try {
      const FetchedFile fetched = fetch_file(work_.transport(), wanted, place, partial, work_.fetch);
      if (kept) storage::move_entry(place, complete);
      return {{fetched.bytes, fetched.sha256},
              fetched.address.empty() ? public_address(urls.front()) : fetched.address,
              "",
              network.sha256.empty()};
    } catch (...) {
      if (kept) complete_.erase(name);
      throw;
    }
  }

  const PackPlaces& places_;
  const InstallRequest& request_;
  const InstallWork& work_;
  const Source& source_;
  const PackFolder& packs_;
  fs::path folder_;
  std::map<std::string, Obtained> files_;
  std::map<std::string, std::string> complete_;  // complete downloads: SHA-256 and file
  fs::path unpacked_;                            // of archives; remove_temporaries() takes it away
  SourceNeeds needs_;
  std::vector<std::unique_ptr<FileSource>> sources_;              // of the request, in its order
  std::map<std::string, std::unique_ptr<FileSource>> addresses_;  // archives of the manifest, by address
  std::vector<std::string> passed_over_;
};

// What may be wrong with a pack whose networks do not run: files that were taken by their names, else the
// manifest.
std::string remedy_of_unusable(const Source& source, const std::vector<InstalledFile>& files) {
  std::string words;
  for (const InstalledFile& file : files) {
    if (!file.recorded) continue;
    words += fmt::format(". No checksum of {} was known, and {}{} was taken by its name", file.file,
                         file.member.empty() ? "" : file.member + " in ", file.from);
  }
  if (!words.empty()) return words + ". Name the place of the right file with --from";
  return fmt::format(". Every file has the checksum of {}: correct that manifest, or name another",
                     source.manifest.string());
}

void try_pack(const fs::path& folder, const Runtimes& runtimes, const Source& source,
              const std::vector<InstalledFile>& files) {
  const auto pack = pack_in(folder, {.models = {}, .made = {}});
  if (!pack) throw Error(Cause::kInternal, "INTERNAL", "a pack that was just made is not there");
  for (const NetworkRole& network : networks_of(*pack)) (void)read_network(*pack, *network.file);
  try {
    FaceEngine(*pack, runtimes).try_all();
  } catch (const Error& error) {
    if (!error.is(reason::kModelUnusable)) throw;
    std::string detail = error.detail();
    if (detail.ends_with('.')) detail.pop_back();  // of a library's sentence
    throw Error(error.cause(), error.reason(), detail + remedy_of_unusable(source, files));
  }
}

}  // namespace

InstallResult install_pack(const PackPlaces& places, const InstallRequest& request, const InstallWork& work) {
  for (const fs::path& from : request.from) require_source(from, request.offline);
  Source source = read_source(places, request);
  const std::string name = source.pack.name;
  const PackFolder packs(places.installed, work.patience);
  PackPlaces alone = places;
  alone.models.clear();
  if (const auto there = installed_pack(places, name)) {
    // The installed manifest has recorded checksums that this one may lack.
    source.json = recorded_manifest(source.json, records_of(*there));
    source.pack = parse_manifest(source.json, source.pack.folder);
    if (is_another(*there, source.pack)) {
      refuse("PACK_EXISTS", fmt::format("another pack {} is installed; take it away with `facesearch models "
                                        "remove {}`. Collections that were made with it need it",
                                        name, name));
    }
    InstallResult result{show_pack(alone, name), true, {}, {}, {}};
    verify_pack(alone, work.runtimes, result.pack);
    result.lacks = lacks_of(alone, result.pack);
    if (result.pack.ready()) return result;
  }
  const fs::path folder = packs.temporary();
  storage::make_private_folder(folder);
  try {
    PackFiles pack_files(places, request, work, source, packs, folder);
    pack_files.run();
    storage::replace_file(folder / "manifest.json", packs.temporary(),
                          recorded_manifest(source.json, pack_files.records()));
    try_pack(folder, work.runtimes, source, pack_files.installed());
    if (work.begin_placing) work.begin_placing();
    packs.replace(folder, name);
    InstallResult result{show_pack(alone, name), false, pack_files.installed(), pack_files.passed_over(), {}};
    result.lacks = lacks_of(alone, result.pack);
    return result;
  } catch (...) {
    packs.remove_temporaries();
    throw;
  }
}

void remove_pack(const PackPlaces& places, const std::string& name, std::chrono::milliseconds patience) {
  const bool valid = is_pack_name(name);
  if (valid && is_there(places.catalog / name / "manifest.json"))
    refuse("PACK_BUILT_IN", fmt::format("the pack {} is built in; it cannot be taken away", name));
  const auto is_installed = [&] {
    std::error_code failed;
    return fs::exists(fs::symlink_status(places.installed / name, failed));
  };
  // Another process may remove it while this one waits. Where nothing is installed, no folder is made.
  if (valid && !places.installed.empty() && is_installed()) {
    const PackFolder packs(places.installed, patience);
    if (is_installed()) return packs.remove(name);
  }
  throw Error(Cause::kModelMissing, "PACK_NOT_INSTALLED",
              fmt::format("no pack '{}' is installed; `facesearch models list` says which are", name));
}

}  // namespace facesearch::service
