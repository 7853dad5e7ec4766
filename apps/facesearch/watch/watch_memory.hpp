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

/// Which files a watch has answered, and as what they were; some 70 bytes a file. In memory alone, or in a
/// file of its own too, which holds digests and no names. One thread at a time.
class WatchMemory {
 public:
  struct Answered {
    std::string name;  ///< below the folder that is watched
    FileStamp stamp;
  };

  WatchMemory() = default;

  /// Goes on with a file, which is made (0600) if it is not there. `whose`: the watch it belongs to. Throws
  /// Error(kInvalidValue): STATE_IN_USE by another process, STATE_INVALID if it is no such file,
  /// STATE_OF_OTHER_WATCH; as throw_errno.
  WatchMemory(std::filesystem::path file, std::string_view whose);

  /// True if the file was answered as what it is.
  bool has(std::string_view name, const FileStamp& stamp);

  /// Throws as throw_errno if that cannot be written.
  void add(const std::vector<Answered>& files);

  /// The file is gone.
  void forget(std::string_view name);

  /// What has() was not asked for between the two, nor added, is forgotten.
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
