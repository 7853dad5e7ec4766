// SPDX-License-Identifier: MIT
#include "facesearch/invocation.hpp"

#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/options/passphrase.hpp"
#include "facesearch/standard_folders.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxKeyFileBytes = 4096;

std::string read_key_file(const std::string& path) {
  auto bytes = read_input(path, kMaxKeyFileBytes);
  std::string key(bytes.begin(), bytes.end());
  cleanse(bytes.data(), bytes.size());
  if (key.starts_with("\xEF\xBB\xBF")) key.erase(0, 3);  // the mark that editors on Windows write
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
  return key;
}

}  // namespace

Invocation::Invocation(const GlobalOptions& options) : options_(options) {}

Invocation::~Invocation() {
  if (api_key_) const CleanseAtEnd wiped(*api_key_);
}

fs::path Invocation::store_folder() const {
  if (!options_.store.empty()) return options_.store;
  if (const auto folder = environment("FACESEARCH_STORE")) return *folder;
  return default_store();
}

StoreOptions Invocation::store_options() const {
  const std::chrono::duration<double> timeout(options_.lock_timeout_s);
  StoreOptions options;
  options.lock_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  options.allow_network =
      options_.allow_network_store || environment("FACESEARCH_ALLOW_NETWORK_STORE") == "1";
  options.master_key = MasterKeyPlace{
      .file = [this](const Uuid& store) { return master_key_file(store); },
      .passphrase =
          [file = options_.passphrase_file, given = passphrase_] {
            if (!*given) given->emplace(find_passphrase(file));  // standard input can be read once
            return **given;
          },
  };
  return options;
}

fs::path Invocation::master_key_file(const Uuid& store) const {
  if (!options_.master_key_file.empty()) return fs::absolute(options_.master_key_file);
  if (const auto file = environment("FACESEARCH_MASTER_KEY_FILE")) return fs::absolute(*file);
  return fs::absolute(configuration_folder() / "master-keys" / store.text());
}

Store& Invocation::store() {
  if (!store_) store_ = open_lmdb_store(store_folder(), store_options());
  return *store_;
}

fs::path Invocation::default_key_file(const Uuid& store) {
  return configuration_folder() / "keys" / store.text();
}

const std::optional<std::string>& Invocation::api_key() {
  if (!api_key_) api_key_.emplace(find_api_key());
  return *api_key_;
}

std::optional<std::string> Invocation::find_api_key() {
  if (!options_.api_key_file.empty()) return read_key_file(options_.api_key_file);
  // Set but empty is a missing key (6039): do not fall back to the admin key of init.
  if (const char* key = std::getenv("FACESEARCH_API_KEY")) return key;  // NOLINT(concurrency-mt-unsafe)
  if (!environment("HOME") && !environment("XDG_CONFIG_HOME")) return std::nullopt;
  const fs::path file = default_key_file(store().id());
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  return read_key_file(file.string());
}

service::Caller Invocation::authenticate(service::Scopes any_of) {
  return service::authenticate(store(), api_key(), any_of, now());
}

void Invocation::require_admin() {
  service::require_every_collection(authenticate(service::scope_bit(Scope::kAdmin)));
}

PackPlaces Invocation::pack_places() const {
  fs::path models = options_.models;
  if (models.empty()) models = environment("FACESEARCH_MODELS").value_or("");
  const fs::path share = installation() / "share" / "facesearch";
  if (!models.empty() && !below_) below_ = std::make_shared<FilesBelow>(models);
  PackPlaces places{.models = models, .catalog = share / "models", .made = share / "networks"};
  if (environment("HOME") || environment("XDG_DATA_HOME")) {
    places.installed = own_models() / "packs";
    places.calibrations = own_models() / "calibrations";
  }
  places.below = below_;
  return places;
}

fs::path Invocation::runtime_folder() {
  return installation() / "lib" / "facesearch";
}

PackPlaces Invocation::checked_places() const {
  PackPlaces places = pack_places();
  std::error_code failed;
  if (!places.models.empty() && !fs::is_directory(places.models, failed)) {
    throw Error(
        Cause::kInvalidValue, "MODELS_NOT_A_FOLDER",
        fmt::format(
            "{} is no folder that can be read; --models and FACESEARCH_MODELS name a pack's folder, a "
            "folder of packs or a folder of network files",
            places.models.string()));
  }
  return places;
}

EngineCache& Invocation::engines() {
  if (!engines_) {
    (void)checked_places();
    engines_ = new_engines();
  }
  return *engines_;
}

std::unique_ptr<EngineCache> Invocation::new_engines() const {
  return std::make_unique<EngineCache>(pack_places(), runtimes_in(runtime_folder()), runtime_folder());
}

service::Context Invocation::context() {
  return {store(), engines(), {best_kernel(), available_processors()}};
}

}  // namespace facesearch::app
