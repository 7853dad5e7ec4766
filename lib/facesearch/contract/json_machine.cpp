// SPDX-License-Identifier: MIT
#include "facesearch/contract/json_machine.hpp"

#include "facesearch/contract/json_values.hpp"

namespace facesearch::contract {
namespace {

using Json = OrderedJson;

Json pack_json(const service::PackReport& pack) {
  return {{"name", pack.name},         {"title", pack.title},           {"fingerprint", pack.fingerprint},
          {"liveness", pack.liveness}, {"calibrated", pack.calibrated}, {"fault", pack.fault}};
}

Json store_json(const service::StoreReport& store) {
  return {{"folder", store.folder},
          {"id", store.id ? Json(store.id->text()) : Json()},
          {"collections", store.collections},
          {"faces", store.faces},
          {"keys", store.keys},
          {"fault", store.fault}};
}

}  // namespace

std::string initialised_json(const std::string& folder, const Uuid& store, const Uuid& key,
                             const std::string& key_file) {
  return written({{"message", "success"},
                  {"store", folder},
                  {"storeId", store.text()},
                  {"keyId", key.text()},
                  {"keyFile", key_file}});
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
      {"store", store_json(report.store)}};
  for (const service::PackReport& pack : report.packs) json["packs"].push_back(pack_json(pack));
  return written(json);
}

}  // namespace facesearch::contract
