// SPDX-License-Identifier: MIT
#include <cmath>

#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch::contract {
namespace {

using Json = OrderedJson;

Json pack_json(const service::PackReport& pack) {
  Json json{{"name", pack.name},
            {"title", pack.title},
            {"fingerprint", pack.fingerprint},
            {"liveness", pack.liveness},
            {"calibrated", pack.calibrated},
            {"fault", pack.fault},
            {"installed", pack.installed},
            {"lacks", lacks_json(pack.lacks)}};
  if (pack.provisional) json["provisional"] = true;
  return json;
}

Json store_json(const service::StoreReport& store) {
  return {{"folder", store.folder},
          {"id", store.id ? Json(store.id->text()) : Json()},
          {"collections", store.collections},
          {"faces", store.faces},
          {"keys", store.keys},
          {"fault", store.fault}};
}

Json master_key_json(const service::MasterKeyReport& key) {
  return {{"file", key.file}, {"there", key.there}, {"rights", key.rights}, {"fault", key.fault}};
}

}  // namespace

std::string initialised_json(const std::string& folder, const Uuid& store, const Uuid& key,
                             const std::string& key_file, const std::string& master_key_file) {
  return written({{"message", "success"},
                  {"store", folder},
                  {"storeId", store.text()},
                  {"keyId", key.text()},
                  {"keyFile", key_file},
                  {"masterKeyFile", master_key_file}});
}

std::string master_rotated_json(const std::string& master_key_file) {
  return written({{"message", "success"}, {"masterKeyFile", master_key_file}});
}

std::string to_json(const service::CalibrateResult& result) {
  const Calibration& calibration = result.points.calibration;
  Json points = Json::array();
  for (std::size_t i = 0; i < calibration.cosine_at_fmr.size(); ++i) {
    const double decades = static_cast<double>(i) + 1;
    Json point{{"similarity", 40 + 10 * decades},
               {"fmr", four_digits(std::pow(10.0, -decades))},
               {"cosine", rounded(calibration.cosine_at_fmr.at(i), 4)},
               {"measured", i < result.points.measured}};
    if (result.mates > 0) point["tar"] = rounded(result.tar.at(i), 4);
    points.push_back(std::move(point));
  }
  Json alike = Json::array();
  for (const service::AlikePair& pair : result.top) {
    alike.push_back({{"a", pair.a},
                     {"b", pair.b},
                     {"cosine", rounded(pair.cosine, 4)},
                     {"similarity", rounded(similarity_of_cosine(calibration, pair.cosine))}});
  }
  Json json{{"message", "success"},
            {"pack", result.pack},
            {"fingerprint", result.fingerprint},
            {"pictures", result.pictures}};
  if (result.people > 0) json["people"] = result.people;
  json["skipped"] = result.skipped;
  json["mates"] = result.mates;
  json["non_mates"] = result.non_mates;
  json["excluded"] = result.excluded;
  json["points"] = std::move(points);
  json["measured_to"] = four_digits(calibration.measured_to);
  add_provisional(json, calibration.provisional);
  if (result.means && result.means->of_means) {
    json["means"] = Json::array();
    for (std::size_t group = 0; group < result.means->of_means->size(); ++group) {
      Json cosines = Json::array();
      for (const double cosine : result.means->of_means->at(group)) cosines.push_back(rounded(cosine, 4));
      json["means"].push_back({{"faces", group + 2},
                               {"comparisons", result.means->comparisons.at(group)},
                               {"cosines", std::move(cosines)},
                               {"measured", result.means->measured.at(group)}});
    }
  }
  json["top_non_mates"] = std::move(alike);
  if (!result.written.empty()) json["written"] = result.written;
  return written(json);
}

std::string to_json(const service::BenchReport& report) {
  const auto times = [&](double milliseconds) -> Json {
    return {{"ms", four_digits(milliseconds)}, {"reads", four_digits(milliseconds / report.read_ms)}};
  };
  const auto collection = [&](const service::CollectionTimes& measured) -> Json {
    return {{"enroll_ms", four_digits(measured.enroll_ms)},
            {"faces_per_s", four_digits(measured.faces_per_s)}};
  };
  Json kernels = Json::object();
  for (const service::KernelTimes& kernel : report.kernels) {
    kernels[kernel.kernel] = {{"memory", times(kernel.memory_ms)},
                              {"plain", times(kernel.plain_ms)},
                              {"plain_opened_anew", times(kernel.plain_anew_ms)},
                              {"sealed", times(kernel.sealed_ms)},
                              {"sealed_opened_anew", times(kernel.sealed_anew_ms)}};
  }
  Json json{{"message", "success"},
            {"faces", report.options.faces},
            {"dimension", report.options.dimension},
            {"probes", report.options.probes},
            {"threads", report.threads},
            {"read_ms", four_digits(report.read_ms)},
            {"search", std::move(kernels)},
            {"probes_at_once", times(report.many_ms)},
            {"plain", collection(report.plain)},
            {"sealed", collection(report.sealed)}};
  if (report.picture) {
    json["picture"] = {{"pack", report.picture->pack},
                       {"decode_ms", four_digits(report.picture->decode_ms)},
                       {"find_ms", four_digits(report.picture->find_ms)},
                       {"embed_ms", four_digits(report.picture->embed_ms)}};
  }
  return written(json);
}

std::string to_json(const service::DoctorReport& report) {
  Json json{
      {"message", "success"},
      {"healthy", report.healthy()},
      {"version", report.version},
      {"processor", report.processor},
      {"features", report.features},
      {"threads", report.threads},
      {"memory_bytes", report.memory_bytes},
      {"limits", {{"address_space_bytes", report.address_space_bytes}, {"open_files", report.open_files}}},
      {"runtimes", {{"folder", report.runtimes}, {"fault", report.runtimes_fault}}},
      {"models", {{"folder", report.models}, {"fault", report.models_fault}}},
      {"packs", Json::array()},
      {"store", store_json(report.store)},
      {"master_key", master_key_json(report.master_key)}};
  for (const service::PackReport& pack : report.packs) json["packs"].push_back(pack_json(pack));
  json["verdict"] = report.verdict();
  return written(json);
}

}  // namespace facesearch::contract
