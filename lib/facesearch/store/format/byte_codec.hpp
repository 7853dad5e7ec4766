// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/format/aligned_bytes.hpp"

/// Numbers, ids and texts as bytes on disk: least significant byte first, no padding.
namespace facesearch::storage {

/// Throws Error(kStoreDamaged, RECORD_INVALID): "a stored record is not valid: <what>".
[[noreturn]] void refuse_record(std::string_view what);

class ByteWriter {
 public:
  void number(std::uint64_t value, int bytes);
  void bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void uuid(const Uuid& uuid) { bytes(uuid.bytes); }

  /// Its length in 4 bytes, then its bytes. Throws Error(kInvalidValue, RECORD_INVALID) above 4 GiB.
  void text(std::string_view text);

  std::size_t size() const { return out_.size(); }
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

/// Each function takes its value from the front, and throws as refuse_record() if the bytes end before.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  Bytes take(std::size_t size);
  std::uint64_t number(std::size_t bytes);
  Uuid uuid();
  std::string text();

  bool at_end() const { return rest_.empty(); }

  /// Refuses bytes that are left.
  void end() const;

 private:
  Bytes rest_;
};

/// Keys that sort by number: 8 bytes, the most significant first.
std::array<std::uint8_t, 8> write_slot(std::uint64_t slot);
std::uint64_t read_slot(Bytes key);

/// Counters: 8 bytes, the least significant first.
std::array<std::uint8_t, 8> write_count(std::uint64_t count);
std::uint64_t read_count(Bytes value);

Uuid read_uuid(Bytes bytes);

}  // namespace facesearch::storage
