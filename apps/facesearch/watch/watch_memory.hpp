// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "facesearch/core/file.hpp"
#include "facesearch/inputs/file_stamp.hpp"

namespace facesearch::app {

/// Which versions of files a watch has answered; some 70 bytes per file. In memory, or also in a state file
/// (`--state`), which has digests and no names. Not thread-safe.
class WatchMemory {
 public:
  struct Answered {
    std::string name;  ///< path below the watched folder
    FileStamp stamp;
  };

  WatchMemory() = default;

  /// Reads a state file, or creates it (0600). `whose` identifies the watch. Throws Error(kInvalidValue):
  /// STATE_IN_USE (by another process), STATE_INVALID (not a state file), STATE_OF_OTHER_WATCH; as
  /// throw_errno.
  WatchMemory(std::filesystem::path file, std::string_view whose);

  /// True if this version of the file was answered.
  bool has(std::string_view name, const FileStamp& stamp);

  /// Records answers. Throws as throw_errno if the state file cannot be written.
  void add(const std::vector<Answered>& files);

  /// Removes a file that is gone.
  void forget(std::string_view name);

  /// end_round() removes the files that were neither asked for by has() nor added since begin_round().
  void begin_round() { ++round_; }
  void end_round();

  std::size_t size() const { return files_.size(); }

 private:
  using Half = std::array<std::uint8_t, 16>;  // of a SHA-256

  struct First8 {
    std::size_t operator()(const Half& digest) const {
      std::size_t value = 0;
      std::memcpy(&value, digest.data(), sizeof(value));
      return value;
    }
  };

  struct Entry {
    Half stamp{};
    std::uint32_t round = 0;
  };

  static Half digest_of(std::string_view name);
  static Half digest_of(const FileStamp& stamp);
  static std::string line_of(const Half& name, const Half& stamp);
  bool try_lock() const;
  void open();
  void read();
  void write_anew();

  std::filesystem::path file_;  // may be empty
  std::string first_line_;
  FileDescriptor opened_;
  std::size_t lines_ = 0;  // of the file
  std::uint32_t round_ = 0;
  std::unordered_map<Half, Entry, First8> files_;  // by name
};

}  // namespace facesearch::app
