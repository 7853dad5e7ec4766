// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/secret.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/store/crypto/master_key_file.hpp"
#include "facesearch/store/crypto/master_key_place.hpp"

namespace facesearch::storage {

/// 16 hexadecimal digits that are derived from a key and tell nothing of it.
std::string master_key_id(const Secret& key);

/// The master keys of one store, in a file of their own (docs/security.md#keys). Thread-safe. The file is
/// read when a key is first asked for; keys that were read stay, and their addresses with them.
///
/// Whoever makes wraps and whoever rotates must exclude each other: this knows nothing of the store's locks.
///
/// What needs the keys throws Error(kMasterKey) with NO_MASTER_KEY, MASTER_KEY_INVALID, PASSPHRASE_REQUIRED,
/// PASSPHRASE_WRONG or MASTER_KEY_OF_OTHER_STORE; Error(kInvalidValue, PASSPHRASE_EMPTY);
/// Error(kPermissionDenied).
class MasterKeys {
 public:
  struct Named {
    std::string id;  ///< as master_key_id()
    Secret key;
  };

  /// No place is as good as no file. `cost` is that of a passphrase that is set here.
  MasterKeys(std::optional<MasterKeyPlace> place, const Uuid& store, const ScryptCost& cost = {});

  /// True if the file is there, whatever is in it.
  bool is_there() const;

  /// Makes the file with a first key: 0600, durably; folders that are made are 0700. Wrapped if the place has
  /// a passphrase. Never overwrites: Error(kInvalidValue, FILE_EXISTS).
  void make();

  /// What new wraps are made with: the first key of the file as it is now, since a key that is in no file any
  /// more would lose what it wraps.
  const Named& present();

  /// The key with this id. Error(kMasterKey, MASTER_KEY_WRONG) if the file has none such.
  const Secret& find(std::string_view id);

  /// Puts a new key before the present one, which stays till end_rotation(). A rotation that was begun and
  /// not ended goes on with the keys that are there. A new passphrase takes the place of the former one; with
  /// an empty one the file is wrapped no more; without one it stays as it was.
  void begin_rotation(const std::optional<std::string>& new_passphrase = std::nullopt);

  /// Takes all keys but the present one out of the file: when nothing is wrapped by them any more.
  void end_rotation();

  /// Throws Error(kMasterKey, NO_MASTER_KEY) without a place.
  std::filesystem::path file() const;

  /// Where the store's high-water marks are kept: beside the file.
  std::filesystem::path marks_folder() const;

 private:
  using Keys = std::vector<const Named*>;

  void refresh();
  std::optional<PassphraseKey> opener(const std::optional<Stretching>& stretching,
                                      const std::filesystem::path& path) const;
  const Named& keep(StoredMasterKey stored, const PassphraseKey* passphrase,
                    const std::filesystem::path& path);
  std::string text_of(const Keys& keys, const PassphraseKey* passphrase) const;
  void replace(const Keys& keys, const PassphraseKey* passphrase);

  std::optional<MasterKeyPlace> place_;
  Uuid store_;
  ScryptCost cost_;
  std::mutex mutex_;
  std::list<Named> known_;  // all that were ever read
  Keys in_file_;            // in the file's order
  std::optional<PassphraseKey> passphrase_;
  std::optional<FileStamp> stamp_;
};

/// The text of a side's key file: its data key wrapped by the present master key, as JSON. `associated` says
/// which side it is of, and is not in the text.
std::string write_wrap(const Secret& data_key, const MasterKeys::Named& master,
                       std::span<const std::uint8_t> associated);

/// Throws Error(kStoreDamaged, KEY_FILE_INVALID) for a text that is no wrap or was changed,
/// Error(kMasterKey, MASTER_KEY_WRONG) if its master key is unknown; else as MasterKeys.
Secret read_wrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated);

/// The same data key under the present master key; the text itself if it is under that already. Throws as
/// read_wrap().
std::string rewrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated);

}  // namespace facesearch::storage
