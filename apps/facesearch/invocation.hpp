// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/service/access/access.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::app {

/// The pack of a collection, a verification or a detection where `--pack` names none.
inline constexpr const char* kDefaultPack = "mini";

/// Options that every command takes, before or after its name.
struct GlobalOptions {
  std::string store;
  std::string api_key_file;
  std::string models;
  std::string master_key_file;
  std::string passphrase_file;
  double lock_timeout_s = 10;
  bool allow_network_store = false;
  bool quiet = false;
};

/// One run of the program: what the commands work with, each made when it is first asked for.
class Invocation {
 public:
  explicit Invocation(const GlobalOptions& options);
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  ~Invocation();  // overwrites the API key

  const GlobalOptions& options() const { return options_; }

  std::filesystem::path store_folder() const;

  StoreOptions store_options() const;

  /// The file of a store's master key, whether it is there or not.
  std::filesystem::path master_key_file(const Uuid& store) const;

  /// Opens the store. Throws Error(kNoStore).
  Store& store();

  /// The key of `--api-key-file`, of FACESEARCH_API_KEY, or of the store's default key file; none where all
  /// are missing. Read once: the file may be a pipe, which is empty afterwards.
  const std::optional<std::string>& api_key();

  /// The default key file of a store, whether it is there or not.
  static std::filesystem::path default_key_file(const Uuid& store);

  /// Opens the store and checks the key against the store's keys as they are now. Throws as
  /// service::authenticate.
  service::Caller authenticate(service::Scopes any_of);

  /// The same for what concerns the whole store: a key that is limited to some collections could make itself
  /// one that is not, and a backup holds the API keys and what is left of every collection.
  void require_admin();

  PackPlaces pack_places() const;

  /// The same. Throws Error(kInvalidValue, MODELS_NOT_A_FOLDER) where `--models` names none.
  PackPlaces checked_places() const;

  /// The folder of the runtime modules.
  static std::filesystem::path runtime_folder();

  EngineCache& engines();

  /// Engines for one more thread, which shares none. Call engines() before: it checks `--models`.
  std::unique_ptr<EngineCache> new_engines() const;

  /// Opens the store.
  service::Context context();

 private:
  std::optional<std::string> find_api_key();

  GlobalOptions options_;
  std::optional<std::optional<std::string>> api_key_;  // once it was read
  std::shared_ptr<std::optional<std::optional<std::string>>> passphrase_ =
      std::make_shared<std::optional<std::optional<std::string>>>();  // what was found when it was asked for
  std::unique_ptr<Store> store_;
  std::unique_ptr<EngineCache> engines_;
};

}  // namespace facesearch::app
