// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/file_sources.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/fetch/address.hpp"
#include "facesearch/fetch/archive.hpp"
#include "facesearch/fetch/body.hpp"
#include "facesearch/service/packs/unpacking.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWhatIsTaken =
    "a folder, an archive (zip, whl, tar, tar.gz, tgz, bz2), the address of one, or a network's file";
constexpr std::size_t kMostWrongNamesakes = 8;

bool is_anything(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

class FolderSource final : public FileSource {
 public:
  FolderSource(fs::path folder, std::string pack)
      : folder_(std::move(folder)), pack_(std::move(pack)), below_(folder_) {}

  std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) override {
    tried_.clear();
    // The places of the name come first: they cost no search.
    for (const fs::path& folder : pack_folders(folder_, pack_)) {
      for (const fs::path& place : file_places(folder, network)) {
        if (!is_anything(place)) continue;
        tried_.push_back(place);
        if (auto found = offer(network, place, report)) return found;
      }
    }
    if (auto found = network.sha256.empty() ? by_name(network, report) : by_checksum(network, report))
      return found;
    report.looked_in(shown());
    return std::nullopt;
  }

 private:
  std::optional<OfferedFile> by_name(const NetworkFile& network, SearchReport& report) {
    for (const fs::path& path : namesakes(network)) {
      if (auto found = offer(network, path, report)) return found;
    }
    return std::nullopt;
  }

  std::optional<OfferedFile> by_checksum(const NetworkFile& network, SearchReport& report) {
    if (const auto path = below_.find(network)) {
      if (auto found = offer(network, *path, report)) return found;
    }
    for (const fs::path& path : namesakes(network))
      (void)offer(network, path, report);  // to say what is wrong
    return std::nullopt;
  }

  // Files of the network's name that were not tried yet.
  std::vector<fs::path> namesakes(const NetworkFile& network) {
    std::vector<fs::path> all;
    const std::string name = bare_name(network);
    for (const FileBelow& file : below_.files().files) {
      if (file.path.filename() == name && std::ranges::find(tried_, file.path) == tried_.end() &&
          all.size() < kMostWrongNamesakes)
        all.push_back(file.path);
    }
    return all;
  }

  std::string shown() {
    const FolderFiles& below = below_.files();
    std::vector<std::string> names;
    for (const FileBelow& file : below.files) {
      if (names.size() < kNamesShown) names.push_back(file.path.lexically_relative(folder_).string());
    }
    std::string text =
        fmt::format("{} ({}", folder_.string(), shown_names(below.files.size(), "file", names));
    if (!below.all)
      text +=
          fmt::format("; only {} entries and {} levels are looked at", kMostEntriesBelow, kMostDepthBelow);
    if (!below.closed.empty()) text += fmt::format("; {} cannot be read", below.closed.front().string());
    const auto archive = std::ranges::find_if(
        below.files, [](const FileBelow& file) { return is_archive_name(file.path.filename().string()); });
    if (archive != below.files.end())
      text += fmt::format("; {} is not opened unless it is named itself", archive->path.string());
    return text + ")";
  }

  fs::path folder_;
  std::string pack_;
  FilesBelow below_;
  std::vector<fs::path> tried_;
};

// A file that the user named: the network's if it has its size or its name, and then its checksum.
class SingleFile final : public FileSource {
 public:
  explicit SingleFile(fs::path path) : path_(std::move(path)) {}

  std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) override {
    std::error_code unknown;
    const std::uintmax_t bytes = fs::file_size(path_, unknown);
    const bool fits = !unknown && !network.sha256.empty() && bytes == network.bytes;
    if (fits || path_.filename() == bare_name(network)) {
      if (auto found = offer(network, path_, report)) return found;
    }
    report.looked_in(fmt::format("{} (a file of {} bytes)", path_.string(), unknown ? 0 : bytes));
    return std::nullopt;
  }

 private:
  fs::path path_;
};

class ArchiveSource final : public FileSource {
 public:
  /// `pinned_only`: names alone are not trusted.
  ArchiveSource(const SourceNeeds& needs, fs::path archive, std::string shown, bool pinned_only)
      : needs_(needs), archive_(std::move(archive)), shown_(std::move(shown)), pinned_only_(pinned_only) {}

  std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) override {
    if (!unpacked_) unpacked_ = unpack_all();
    for (const UnpackedFile& file : unpacked_->files) {
      if (file.network->file == network.file)
        return OfferedFile{shown_, file.member, file.record, {}, file.path};
    }
    for (const Unpacked::Fault& fault : unpacked_->faults) {
      if (fault.network == nullptr || fault.network->file == network.file)
        report.passed_over(fault.reason, fault.words);
    }
    report.looked_in(
        fmt::format("{} ({})", shown_, shown_names(unpacked_->members, "member", unpacked_->names)));
    return std::nullopt;
  }

 private:
  Unpacked unpack_all() const {
    std::vector<const NetworkFile*> wanted;
    for (const NetworkRole& network : networks_of(needs_.pack)) {
      const bool twice = std::ranges::any_of(wanted, [&](const NetworkFile* other) {
        return other->file == network.file->file;  // one file may serve twice
      });
      if (!twice && !(pinned_only_ && network.file->sha256.empty())) wanted.push_back(network.file);
    }
    return unpack(needs_.work.archives(), archive_, shown_, wanted, needs_.temporary);
  }

  const SourceNeeds& needs_;
  fs::path archive_;
  std::string shown_;
  bool pinned_only_;
  std::optional<Unpacked> unpacked_;
};

class AddressSource final : public FileSource {
 public:
  AddressSource(const SourceNeeds& needs, std::string url)
      : needs_(needs), url_(std::move(url)), plain_(scheme_of(url_) == Scheme::kHttp) {}

  std::optional<OfferedFile> find(const NetworkFile& network, SearchReport& report) override {
    if (plain_ && network.sha256.empty()) {
      report.passed_over(
          "CHECKSUM_UNKNOWN",
          fmt::format("{}: the checksum of {} is not known, so it is not taken over http, where "
                      "anybody on the way could change it; use https",
                      public_address(url_), network.file));
      return std::nullopt;
    }
    if (!archive_ && fault_.empty()) fetch();
    if (archive_) return archive_->find(network, report);
    report.passed_over(reason_, fault_);
    return std::nullopt;
  }

 private:
  void fetch() {
    const std::string shown = public_address(url_);
    const fs::path place = needs_.temporary / Uuid::make().text();
    const fs::path partial = needs_.partial / (hex(sha256(url_)) + ".part");
    if (needs_.work.begin_file) needs_.work.begin_file(shown);
    try {
      (void)fetch_file(needs_.work.transport(), {{url_}, std::nullopt, std::nullopt}, place, partial,
                       needs_.work.fetch);
      archive_ = std::make_unique<ArchiveSource>(needs_, place, shown, plain_);
    } catch (const Error& error) {
      if (error.cause() != Cause::kModelMissing) throw;
      reason_ = error.reason();
      // Without the name of the file here, which is made up.
      const std::size_t address = error.detail().find(shown);
      fault_ = error.detail().substr(address == std::string::npos ? 0 : address);
    }
  }

  const SourceNeeds& needs_;
  std::string url_;
  bool plain_;
  std::unique_ptr<FileSource> archive_;
  std::string reason_;
  std::string fault_;
};

std::string start_of(const fs::path& path) {
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string start(kArchiveStart, '\0');
  const ssize_t got =
      file.get() < 0 ? -1 : uninterrupted([&] { return ::pread(file.get(), start.data(), start.size(), 0); });
  if (got < 0) throw_unreadable(errno, fmt::format("'{}'", path.string()));
  start.resize(static_cast<std::size_t>(got));
  return start;
}

// A form that is not read here; null: none that is known.
const char* other_packing(std::string_view start) {
  using namespace std::string_view_literals;
  constexpr std::array kForms{std::pair("\xfd"
                                        "7zXZ\0"sv,
                                        "xz"),
                              std::pair("7z\xbc\xaf\x27\x1c"sv, "7z"),
                              std::pair("\x28\xb5\x2f\xfd"sv, "zstd"), std::pair("Rar!\x1a\x07"sv, "rar"),
                              std::pair("\x04\x22\x4d\x18"sv, "lz4")};
  const auto form =
      std::ranges::find_if(kForms, [&](const auto& each) { return start.starts_with(each.first); });
  return form == kForms.end() ? nullptr : form->second;
}

// Why a file cannot be a network's, and what to do; empty: it can.
std::string refusal_of(const fs::path& file, std::string_view start) {
  if (start.empty()) return "is empty; fetch it again";
  if (const char* form = other_packing(start))
    return fmt::format("is packed as {}, which is not read; unpack it first, and name the folder", form);
  if (is_web_page(start)) return "is a web page and not the file; fetch the file itself";
  if (is_archive_name(file.filename().string())) {
    return "is no archive by its first bytes; fetch it again, or unpack it first, and name the folder";
  }
  return "";
}

}  // namespace

std::vector<std::uint8_t> read_candidate(const NetworkFile& network, const fs::path& path) {
  std::error_code unknown;
  const std::uintmax_t size = fs::file_size(path, unknown);
  // Not read for its size alone, unless it may be a pointer.
  if (!unknown && size > kTellingStart && !network.sha256.empty()) require_size(network, path, size);
  auto bytes = read_bounded(path, kMostNetworkBytes);
  if (!bytes) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_MISSING",
                path.string() + " cannot be read, or has more than 1 GiB");
  }
  const std::string_view start(reinterpret_cast<const char*>(bytes->data()),
                               std::min(bytes->size(), kTellingStart));
  if (is_lfs_pointer(start)) {
    throw Error(
        Cause::kModelMissing, "LFS_POINTER",
        fmt::format("{} is a Git LFS pointer and not the file; run `git lfs pull` where it comes from",
                    path.string()));
  }
  if (bytes->empty() && network.sha256.empty()) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_SIZE",
                fmt::format("the network file {} is empty; fetch it again", path.string()));
  }
  if (network.sha256.empty()) return std::move(*bytes);
  require_size(network, path, bytes->size());
  require_checksum(network, path, *bytes);
  return std::move(*bytes);
}

std::optional<OfferedFile> offer(const NetworkFile& network, const fs::path& path, SearchReport& report) {
  try {
    auto bytes = read_candidate(network, path);
    RecordedFile record{bytes.size(), hex(sha256(bytes))};
    return OfferedFile{path.string(), "", std::move(record), std::move(bytes), {}};
  } catch (const Error& error) {
    if (error.cause() != Cause::kModelMissing) throw;
    report.passed_over(error.reason(), error.detail());
    return std::nullopt;
  }
}

std::unique_ptr<FileSource> make_source(const SourceNeeds& needs, const fs::path& from) {
  if (scheme_of(from.string()) != Scheme::kNone) return std::make_unique<AddressSource>(needs, from.string());
  if (is_folder(from)) return std::make_unique<FolderSource>(from, needs.pack.name);
  if (archive_form(start_of(from)) == ArchiveForm::kNone) return std::make_unique<SingleFile>(from);
  return std::make_unique<ArchiveSource>(needs, from, from.string(), false);
}

void require_source(const fs::path& from, bool offline) {
  const auto refuse = [](const char* reason, const std::string& words) {
    throw Error(Cause::kInvalidValue, reason, words);
  };
  if (const Scheme scheme = scheme_of(from.string()); scheme != Scheme::kNone) {
    if (offline && scheme != Scheme::kFile) {
      refuse("OFFLINE", fmt::format("--from {} is an address, and --offline asks none; leave one of them out",
                                    public_address(from.string())));
    }
    return;
  }
  if (is_folder(from)) return;
  std::error_code failed;
  if (!fs::exists(from, failed)) {
    refuse("FOLDER_INVALID",
           fmt::format("there is nothing at '{}'; --from takes {}", from.string(), kWhatIsTaken));
  }
  if (!fs::is_regular_file(from, failed)) {
    refuse("FOLDER_INVALID",
           fmt::format("{} is neither a folder nor a file; --from takes {}", from.string(), kWhatIsTaken));
  }
  const std::string start = start_of(from);
  if (archive_form(start) != ArchiveForm::kNone) return;
  if (const std::string why = refusal_of(from, start); !why.empty())
    refuse("FOLDER_INVALID", fmt::format("{} {}; --from takes {}", from.string(), why, kWhatIsTaken));
}

}  // namespace facesearch::service
