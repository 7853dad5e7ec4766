// SPDX-License-Identifier: MIT
// A zip ends with a mark (PK\5\6) that says where its directory begins. With zip64 it says 0xffffffff, and a
// locator (PK\6\7) just before it leads to a record (PK\6\6) that says it in 64 bits.
#include "facesearch/fetch/archive/zip_directory.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "facesearch/core/file.hpp"

namespace facesearch {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kTail = 66'000;  // the mark, and a comment of 65,535 bytes behind it
constexpr std::size_t kMark = 22;
constexpr std::size_t kLocator = 20;
constexpr std::size_t kRecord = 56;
constexpr std::uint64_t kIsIn64Bits = 0xffffffff;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

std::string read_from(int file, std::uint64_t offset, std::size_t bytes) {
  std::string read(bytes, '\0');
  const ssize_t got =
      uninterrupted([&] { return ::pread(file, read.data(), read.size(), static_cast<off_t>(offset)); });
  read.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return read;
}

}  // namespace

std::uint64_t zip_directory_bytes(int file, std::uint64_t file_bytes) {
  const std::uint64_t start = file_bytes - std::min<std::uint64_t>(file_bytes, kTail);
  const std::string tail = read_from(file, start, kTail);
  std::uint64_t most = 0;
  for (std::size_t at = tail.find("PK\5\6"sv); at != std::string::npos; at = tail.find("PK\5\6"sv, at + 1)) {
    if (tail.size() - at < kMark) break;
    std::uint64_t begin = little_endian(std::string_view(tail).substr(at + 16, 4));
    if (begin == kIsIn64Bits && at >= kLocator && tail.compare(at - kLocator, 4, "PK\6\7"sv) == 0) {
      const std::uint64_t place = little_endian(std::string_view(tail).substr(at - kLocator + 8, 8));
      const std::string record = place < file_bytes ? read_from(file, place, kRecord) : "";
      if (record.size() == kRecord) begin = little_endian(std::string_view(record).substr(48, 8));
    }
    if (begin <= start + at) most = std::max(most, start + at - begin);
  }
  return most;
}

}  // namespace facesearch
