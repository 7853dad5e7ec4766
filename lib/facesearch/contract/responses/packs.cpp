// SPDX-License-Identifier: MIT
#include <algorithm>

#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {
namespace {

using Json = OrderedJson;

const char* name_of(service::PackOrigin origin) {
  switch (origin) {
    case service::PackOrigin::kBuiltIn:
      return "built-in";
    case service::PackOrigin::kInstalled:
      return "installed";
    case service::PackOrigin::kCatalogue:
      return "catalogue";
    case service::PackOrigin::kFolder:
      break;
  }
  return "folder";
}

// Absent files are no fault of a pack of the catalogue: it is not installed.
const char* state_of(const service::PackInfo& pack) {
  if (pack.ready()) return "ready";
  const auto faulty = [](const service::PackFile& file) { return !file.fault.empty(); };
  const bool broken = !pack.fault.empty() || std::ranges::any_of(pack.files, faulty);
  const bool expected =
      pack.origin == service::PackOrigin::kBuiltIn || pack.origin == service::PackOrigin::kInstalled;
  return broken || expected ? "faulty" : "not installed";
}

Json file_json(const service::PackFile& file) {
  Json json{{"role", file.role}, {"file", file.network.file}};
  json["bytes"] = file.network.bytes == 0 ? Json() : Json(file.network.bytes);
  json["sha256"] = file.network.sha256.empty() ? Json() : Json(file.network.sha256);
  json["licence"] = file.network.licence;
  json["source"] = file.network.source;
  if (!file.network.urls.empty()) json["urls"] = file.network.urls;
  json["path"] = file.path ? Json(file.path->string()) : Json();
  if (!file.fault.empty()) json["fault"] = file.fault;
  return json;
}

Json calibration_json(const service::PackInfo& pack) {
  if (!pack.calibration) return {};
  Json cosines = Json::array();
  for (const double cosine : pack.calibration->cosine_at_fmr) cosines.push_back(rounded(cosine, 4));
  Json json{{"cosine_at_fmr", cosines},
            {"measured_to", four_digits(pack.calibration->measured_to)},
            {"source", pack.calibration->source},
            {"own", pack.own_calibration}};
  if (pack.calibration->provisional) json["provisional"] = true;
  return json;
}

Json short_json(const service::PackInfo& pack) {
  std::uint64_t bytes = 0;
  Json licences = Json::array();
  for (const service::PackFile& file : pack.files) {
    bytes += file.network.bytes;
    if (std::find(licences.begin(), licences.end(), Json(file.network.licence)) == licences.end())
      licences.push_back(file.network.licence);
  }
  Json json{{"name", pack.name},
            {"title", pack.title},
            {"origin", name_of(pack.origin)},
            {"state", state_of(pack)},
            {"bytes", bytes},
            {"licences", std::move(licences)},
            {"dimension", pack.dimension},
            {"liveness", pack.liveness},
            {"calibrated", pack.calibration.has_value()}};
  if (pack.calibration && pack.calibration->provisional) json["provisional"] = true;
  if (!pack.fault.empty()) json["fault"] = pack.fault;
  return json;
}

Json full_json(const service::PackInfo& pack) {
  Json json = short_json(pack);
  json["folder"] = pack.folder.string();
  json["fingerprint"] = pack.fingerprint.empty() ? Json() : Json(pack.fingerprint);
  json["calibration"] = calibration_json(pack);
  json["files"] = Json::array();
  for (const service::PackFile& file : pack.files) json["files"].push_back(file_json(file));
  return json;
}

// What was verified and is not right has a fault: the pack, and each file.
Json verified_pack_json(const service::PackInfo& pack) {
  Json json = full_json(pack);
  if (pack.ready()) return json;
  json["fault"] = service::faults_of(pack);
  for (std::size_t i = 0; i < pack.files.size(); ++i) {
    if (!pack.files[i].path) json["files"][i]["fault"] = service::fault_of_missing(pack.files[i]);
  }
  return json;
}

}  // namespace

std::string packs_json(const std::vector<service::PackInfo>& packs) {
  Json list = Json::array();
  for (const service::PackInfo& pack : packs) list.push_back(short_json(pack));
  return written({{"message", "success"}, {"result", std::move(list)}, {"totalCount", packs.size()}});
}

std::string to_json(const service::PackInfo& pack) {
  return written({{"message", "success"}, {"pack", full_json(pack)}});
}

std::string verified_json(const std::vector<service::PackInfo>& packs) {
  Json list = Json::array();
  for (const service::PackInfo& pack : packs) list.push_back(verified_pack_json(pack));
  const bool valid = std::ranges::all_of(packs, [](const service::PackInfo& pack) { return pack.ready(); });
  return written({{"message", "success"}, {"valid", valid}, {"result", std::move(list)}});
}

std::string to_json(const service::InstallResult& result) {
  Json files = Json::array();
  for (const service::InstalledFile& file : result.files) {
    Json json{{"file", file.file}, {"from", file.from}, {"recorded", file.recorded}};
    if (!file.member.empty()) json["member"] = file.member;
    files.push_back(std::move(json));
  }
  return written({{"message", "success"},
                  {"pack", full_json(result.pack)},
                  {"already", result.already},
                  {"files", std::move(files)},
                  {"lacks", lacks_json(result.lacks)}});
}

std::string pack_removed_json(const std::string& name) {
  return written({{"message", "success"}, {"pack", name}});
}

}  // namespace facesearch::contract
