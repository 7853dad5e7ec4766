// SPDX-License-Identifier: MIT
#include "service/world.hpp"

#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "service/fake_runtime.hpp"
#include "support/memory_store.hpp"

namespace facesearch::test {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string manifest(const PackChoice& pack, const std::string& network_text) {
  const std::string network =
      fmt::format(R"({{"file":"network","bytes":{},"sha256":"{}","licence":"MIT","source":"made up"}})",
                  network_text.size(), hex(sha256(network_text)));
  const std::string input = R"({"width":32,"height":32,"channels":"rgb","mean":[0,0,0],"scale":1})";
  std::string text = fmt::format(
      R"({{"format":1,"name":"{}","title":"A fake","detector":{{"runtime":"fake","network":{},"input":{},)"
      R"("min_score":{},"nms":{}}},"alignment":{{"width":32,"height":32,)"
      R"("landmarks":[[11,14],[21,14],[16,20],[12,26],[20,26]]}},)"
      R"("embedder":{{"runtime":"fake","network":{},"input":{},"output":"","dimension":4}})",
      pack.name, network, input, pack.min_score, pack.nms, network, input);
  if (pack.liveness) {
    text += fmt::format(
        R"(,"liveness":{{"runtime":"fake","networks":[{{"network":{},"crop_scale":{}}}],"input":{},)"
        R"("live_index":0}})",
        network, pack.liveness_crop, input);
  }
  if (pack.calibrated) {
    text += fmt::format(
        R"(,"calibration":{{"cosine_at_fmr":[0.1,0.3,0.5,0.7,0.9],"measured_to":{},"source":"made up",)"
        R"("of_means":[[{}],[{}],[{}]]}})",
        pack.measured_to, fmt::join(kPointsOfMeans[0], ","), fmt::join(kPointsOfMeans[1], ","),
        fmt::join(kPointsOfMeans[2], ","));
  }
  return text + "}";
}

std::filesystem::path new_folder() {
  auto folder = std::filesystem::temp_directory_path() / ("facesearch-service-" + Uuid::make().text());
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

Fault fault_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return {true, error.cause(), error.reason(), error.detail()};
  }
  return {};
}

std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  if (!fault.thrown) return out << "nothing was thrown";
  return out << "cause " << static_cast<int>(fault.cause) << ", " << fault.reason << ": " << fault.detail;
}

World::World() : store(make_memory_store()), folder_(new_folder()) {
  install({});
}

World::~World() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::install(const PackChoice& pack) {
  const auto place = folder_ / pack.name;
  std::filesystem::create_directories(place);
  const std::string network_text = "network";
  write_file(place / "network", network_text);
  write_file(place / "manifest.json", manifest(pack, network_text));
  use({.catalog = folder_ / "catalog", .installed = folder_});
}

void World::uninstall(const std::string& pack) {
  std::filesystem::remove_all(folder_ / pack);
  use({.catalog = folder_ / "catalog", .installed = folder_});
}

void World::remove_network(const std::string& pack) {
  std::filesystem::remove(folder_ / pack / "network");
  use({.catalog = folder_ / "catalog", .installed = folder_});
}

void World::use(const PackPlaces& places) {
  places_ = places;
  engines = new_engines();
}

std::unique_ptr<EngineCache> World::new_engines() const {
  return std::make_unique<EngineCache>(places_, runtimes);
}

const RuntimeTable& World::runtimes(std::string_view /*library*/) {
  return fake_runtimes();
}

Policy World::easy(Duplicates duplicates) {
  Policy policy;
  policy.duplicates = duplicates;
  policy.quality = QualityLevel::kNone;
  policy.min_face_px = 1;
  return policy;
}

void World::create(const std::string& id, const Policy& policy, const std::string& pack) {
  auto here = context();
  service::create_collection(here, {service::kAnyScope, {}}, id, pack, policy);
}

service::EnrollResult World::enroll(const std::string& id, const service::ProbeInput& probe,
                                    const std::string& name, std::optional<Uuid> person) {
  auto here = context();
  return service::enroll(here, caller, {id, name, probe, person, {}});
}

service::SearchResult World::search(const std::string& id, const service::ProbeInput& probe,
                                    std::size_t limit) {
  auto here = context();
  return service::search(here, caller, {id, "test", std::nullopt, probe, limit});
}

std::vector<Listed> listed(const service::SearchResult& result) {
  std::vector<Listed> all;
  all.reserve(result.matches.size());
  for (const auto& match : result.matches) {
    all.emplace_back(match.face, match.person, match.name, match.cosine, match.similarity);
  }
  return all;
}

std::uint64_t World::faces(const std::string& id) {
  return store.open(id)->snapshot()->face_count();
}

void World::erase(const std::string& id, const Uuid& face) {
  store.open(id)->write([&](WriteTransaction& transaction) { REQUIRE(transaction.erase(face)); });
}

}  // namespace facesearch::test
