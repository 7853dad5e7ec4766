// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <fstream>

#include "facesearch/store/crypto/master_keys.hpp"
#include "store/fixtures.hpp"
#include "support/files.hpp"

namespace facesearch::test {

/// Passphrases that cost next to nothing.
inline constexpr storage::ScryptCost kCheap{.log2_n = 4, .r = 1, .p = 1};

/// A place for a master key, and how often its passphrase was asked for.
struct KeyPlace {
  TemporaryFolder folder;
  Uuid store = Uuid::make();
  std::optional<std::string> passphrase;
  int asked = 0;

  std::filesystem::path file() const { return folder.path() / "configuration" / "master-keys" / "key"; }

  MasterKeyPlace place() {
    return {[this](const Uuid& id) { return id == store ? file() : folder.path() / "other"; },
            [this] {
              ++asked;
              return passphrase;
            }};
  }
  storage::MasterKeys keys() { return {place(), store, kCheap}; }

  std::string text() const { return contents(file()); }
  void put(const std::string& text) const { std::ofstream(file(), std::ios::binary) << text; }
};

inline mode_t rights_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

/// The reason of the Error, marked where its cause is not the master key's.
inline std::string refusal(const std::function<void()>& work) {
  const Error error = error_of(work);
  return (error.cause() == Cause::kMasterKey ? "" : "other cause: ") + error.reason();
}

}  // namespace facesearch::test
