// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::app {

/// The pack of a collection, a verification or a detection where `--pack` names none.
inline constexpr const char* kDefaultPack = "mini";

/// Options of every command, before or after its name.
struct GlobalOptions {
  std::string store;
  std::string api_key_file;
  std::string models;
  std::string master_key_file;
  std::string passphrase_file;
  double lock_timeout_s = 10;
  bool allow_network_store = false;
  bool quiet = false;
  std::string output;  // json, table, or empty: as is usual where standard output goes
};

/// What the commands share in one run of the program. Each part is made on first use.
class Invocation {
 public:
  explicit Invocation(const GlobalOptions& options);
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;
  ~Invocation();  // overwrites the API key

  const GlobalOptions& options() const { return options_; }

  std::filesystem::path store_folder() const;

  StoreOptions store_options() const;

  /// The file of a store's master key. It need not exist.
  std::filesystem::path master_key_file(const Uuid& store) const;

  /// Opens the store. Throws Error(kNoStore).
  Store& store();

  /// The key of `--api-key-file`, of FACESEARCH_API_KEY, or of the store's default key file; none where all
  /// are missing. Read once: the file may be a pipe, which is empty afterwards.
  const std::optional<std::string>& api_key();

  /// The default file of the store's API key. It need not exist.
  static std::filesystem::path default_key_file(const Uuid& store);

  /// Opens the store and checks the key against the store's keys as they are now. Throws as
  /// service::authenticate.
  service::Caller authenticate(service::Scopes any_of);

  /// Requires an admin key for all collections, for commands about the whole store. A key limited to some
  /// collections must not create keys without that limit, nor write a backup of every collection.
  void require_admin();

  PackPlaces pack_places() const;

  /// pack_places(). Throws Error(kInvalidValue, MODELS_NOT_A_FOLDER) if `--models` is not a folder.
  PackPlaces checked_places() const;

  /// The folder of the runtime modules.
  static std::filesystem::path runtime_folder();

  EngineCache& engines();

  /// Engines for one more thread: threads share none. Call engines() first, which checks `--models`.
  std::unique_ptr<EngineCache> new_engines() const;

  /// Opens the store.
  service::Context context();

 private:
  std::optional<std::string> find_api_key();

  GlobalOptions options_;
  std::optional<std::optional<std::string>> api_key_;  // once it was read
  std::shared_ptr<std::optional<std::optional<std::string>>> passphrase_ =
      std::make_shared<std::optional<std::optional<std::string>>>();  // what was found when it was asked for
  mutable std::shared_ptr<FilesBelow> below_;                         // the folder of --models, walked once
  std::unique_ptr<Store> store_;
  std::unique_ptr<EngineCache> engines_;
};

}  // namespace facesearch::app
