// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/service/packs/packs.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// One model pack, as far as it could be checked.
struct PackReport {
  std::string name;
  std::string title;
  std::string fingerprint;
  bool liveness = false;
  bool calibrated = false;
  bool provisional = false;     ///< its calibration is a provisional one
  bool installed = true;        ///< false: files that its manifest names are not there
  std::vector<PackLack> lacks;  ///< what it cannot do yet; empty for a broken manifest
  std::string fault;            ///< empty: every file is there with its checksum
};

/// What a store holds, in numbers: no id, no name.
struct StoreReport {
  std::string folder;
  std::optional<Uuid> id;
  std::uint64_t collections = 0;
  std::uint64_t faces = 0;
  std::uint64_t keys = 0;
  std::string fault;  ///< empty: it can be opened and read
};

/// Where a store's master key is: nothing of what is in it.
struct MasterKeyReport {
  std::string file;  ///< empty: no store, so no key
  bool there = false;
  std::string rights;  ///< in octal digits, as 0600
  std::string fault;   ///< empty: nobody but its owner may read it, or it is not there
};

/// What to paste into a report of a fault. Holds no key, no name, nothing biometric.
struct DoctorReport {
  std::string version;
  std::string processor;              ///< its name
  std::vector<std::string> features;  ///< of those the program can use: avx2, avx512_vnni …
  unsigned threads = 0;
  std::string runtimes;        ///< the module's folder
  std::string runtimes_fault;  ///< empty: it loads
  std::string models;          ///< the folder named by the user; may be empty
  std::string models_fault;    ///< empty: packs could be looked for
  std::vector<PackReport> packs;
  std::string default_pack;  ///< the one that commands use unless told otherwise
  StoreReport store;
  MasterKeyReport master_key;
  std::uint64_t memory_bytes = 0;
  std::uint64_t address_space_bytes = 0;  ///< RLIMIT_AS; 0: no limit
  std::uint64_t open_files = 0;           ///< RLIMIT_NOFILE

  /// Runtimes, store, master key and the default pack are; other packs may lack their files.
  bool healthy() const;

  /// healthy() in words: what does not work; else the optional packs that are not installed, or are faulty.
  std::string verdict() const;

 private:
  bool has_default_pack() const;
};

/// What a look at something finds wrong: the detail of the Error it throws, or nothing.
std::string fault_of(const std::function<void()>& look);

/// Checks every pack's files against their manifest.
std::vector<PackReport> inspect_packs(EngineCache& engines);

/// Counts what the store holds. Throws as the store; Error(kStoreDamaged) if some collections cannot be read:
/// their number, after all others were counted.
void inspect_store(Store& store, StoreReport& report);

/// Looks at the file's rights. Throws Error(kPermissionDenied) for a key that others may read, and what keeps
/// from looking.
void inspect_master_key(const std::filesystem::path& file, MasterKeyReport& report);

/// Fills processor, features, threads, memory and limits.
void inspect_machine(DoctorReport& report);

}  // namespace facesearch::service
