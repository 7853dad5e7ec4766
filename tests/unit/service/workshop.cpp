// SPDX-License-Identifier: MIT
#include "service/workshop.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/uuid.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;

std::string network(const MadeFile& file) {
  std::string text = fmt::format(R"({{"file":"{}","licence":"MIT","source":"made up")", file.file);
  if (file.stated) {
    text += fmt::format(R"(,"bytes":{},"sha256":"{}")", file.bytes.size(), hex(sha256(file.bytes)));
  }
  if (!file.urls.empty()) text += fmt::format(R"(,"urls":["{}"])", fmt::join(file.urls, R"(",")"));
  return text + "}";
}

}  // namespace

std::string MadePack::manifest() const {
  const std::string input = R"({"width":32,"height":32,"channels":"rgb","mean":[0,0,0],"scale":1})";
  std::string text = fmt::format(
      R"({{"format":1,"name":"{}","title":"Made","detector":{{"runtime":"{}","network":{},"input":{},)"
      R"("min_score":0.5,"nms":{}}},"alignment":{{"width":32,"height":32,)"
      R"("landmarks":[[11,14],[21,14],[16,20],[12,26],[20,26]]}},)"
      R"("embedder":{{"runtime":"fake","network":{},"input":{},"output":"","dimension":4}})",
      name, runtime, network(detector), input, nms, network(embedder), input);
  std::string networks;
  for (const MadeFile& file : liveness) {
    networks +=
        fmt::format(R"({}{{"network":{},"crop_scale":1}})", networks.empty() ? "" : ",", network(file));
  }
  if (!networks.empty()) {
    text += fmt::format(R"(,"liveness":{{"runtime":"fake","networks":[{}],"input":{},"live_index":0}})",
                        networks, input);
  }
  return text + "}\n";
}

TransferResult MadeServers::get(const TransferRequest& request, TransferSink& sink) const {
  asked.push_back(request.url);
  const auto file = files.find(request.url);
  if (file == files.end()) return {TransferEnd::kFailed, "it is not there"};
  sink.begin({0, file->second.size(), ""});
  sink.take(file->second);
  return {TransferEnd::kDone, ""};
}

Workshop::Workshop() : folder_(fs::temp_directory_path() / ("facesearch-packs-" + Uuid::make().text())) {
  for (const char* name : {"home", "share/catalog", "made"}) fs::create_directories(folder_ / name);
  places.catalog = folder_ / "share";
  places.installed = folder_ / "home" / "packs";
  places.made = folder_ / "made";
  places.calibrations = folder_ / "home" / "calibrations";
  work.runtimes = World::runtimes;
  work.transport = [this]() -> const Transport& { return servers; };
  work.archives = [] { return load_archive_reader(FACESEARCH_BINARY_DIR "/lib/facesearch"); };
  work.patience = std::chrono::milliseconds(20);
  work.fetch.first_pause = std::chrono::milliseconds(1);
  work.begin_file = [this](const std::string& file) { begun.push_back(file); };
}

Workshop::~Workshop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Workshop::write(const fs::path& file, const std::string& text) const {
  fs::create_directories((folder_ / file).parent_path());
  std::ofstream(folder_ / file, std::ios::binary) << text;
}

void Workshop::make(const fs::path& folder, const MadePack& pack, bool files) const {
  write(folder / "manifest.json", pack.manifest());
  if (!files) return;
  write(folder / pack.detector.file, pack.detector.bytes);
  write(folder / pack.embedder.file, pack.embedder.bytes);
  for (const MadeFile& file : pack.liveness) write(folder / file.file, file.bytes);
}

service::InstallResult Workshop::install(const std::string& pack, const std::vector<std::string>& from) {
  service::InstallRequest request{fs::exists(folder_ / pack) ? (folder_ / pack).string() : pack, {}};
  for (const std::string& place : from) {
    const bool address = place.find("://") != std::string::npos;
    request.from.push_back(address ? fs::path(place) : folder_ / place);
  }
  request.offline = offline;
  return service::install_pack(places, request, work);
}

Fault Workshop::fault(const std::string& pack, const std::vector<std::string>& from) {
  return fault_of([&] { install(pack, from); });
}

std::vector<std::string> Workshop::below(const fs::path& folder) const {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / folder)) {
    if (!entry.is_directory() || fs::is_empty(entry))
      all.push_back(entry.path().lexically_relative(folder_ / folder));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace facesearch::test
