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

/// 16 hexadecimal digits derived from a key, which reveal nothing of it.
std::string master_key_id(const Secret& key);

/// The master keys of one store, in a file of their own (docs/security.md#keys). Thread-safe. The file is
/// read when a key is first needed, and again when it has changed. A key that was read stays, at the same
/// address.
///
/// The caller excludes wrapping and rotating by the store's locks.
///
/// Functions that need the keys throw Error(kMasterKey) with NO_MASTER_KEY, MASTER_KEY_INVALID,
/// PASSPHRASE_REQUIRED, PASSPHRASE_WRONG or MASTER_KEY_OF_OTHER_STORE; Error(kInvalidValue,
/// PASSPHRASE_EMPTY); Error(kPermissionDenied).
class MasterKeys {
 public:
  struct Named {
    std::string id;  ///< as master_key_id()
    Secret key;
  };

  /// Without a place, behaves as if there were no file. `cost`: of a passphrase that is set here.
  MasterKeys(std::optional<MasterKeyPlace> place, const Uuid& store, const ScryptCost& cost = {});

  /// True if the file exists, whatever is in it.
  bool is_there() const;

  /// Makes the file (0600, missing folders 0700) with a first key, wrapped if the place has a passphrase.
  /// Throws Error(kInvalidValue, FILE_EXISTS).
  void make();

  /// The key for new wraps: the first one of the file as it is now. Under a key that is in no file any more a
  /// wrap could never be opened.
  const Named& present();

  /// The key with this id. Throws Error(kMasterKey, MASTER_KEY_WRONG) if the file does not have it.
  const Secret& find(std::string_view id);

  /// Puts a new key before the present one, which stays until end_rotation(). A rotation that was interrupted
  /// continues with the same keys. `new_passphrase` replaces the former one; an empty one removes it; none
  /// keeps it. NotDurable: the rotation has begun all the same.
  void begin_rotation(const std::optional<std::string>& new_passphrase = std::nullopt);

  /// Removes all keys except the present one from the file. Nothing may be wrapped by them any more.
  void end_rotation();

  /// Throws Error(kMasterKey, NO_MASTER_KEY) without a place.
  std::filesystem::path file() const;

  /// The folder of the store's high-water marks, beside the file.
  std::filesystem::path marks_folder() const;

  /// The folder of the store that writes these marks, by note_place(); empty where that is not known, and in
  /// a copy of the configuration, whose marks are others.
  std::filesystem::path place() const;

  /// Keeps that folder among the marks: a copy of the store that is restored elsewhere would put this one out
  /// of service. A hint: what fails here fails when a mark is written.
  void note_place(const std::filesystem::path& store) const noexcept;

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
  std::list<Named> known_;  // every key that was read
  Keys in_file_;            // in the order of the file
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
