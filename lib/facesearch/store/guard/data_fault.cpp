// SPDX-License-Identifier: MIT
#include "facesearch/store/guard/data_fault.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/lmdb/call.hpp"

namespace facesearch {
namespace {

// A line of /proc/self/maps is "begin-end rights offset device inode  path".
bool maps_collection(std::string_view line, std::uintptr_t address) {
  constexpr int kHex = 16;
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  const char* const stop = line.data() + line.size();
  const auto first = std::from_chars(line.data(), stop, begin, kHex);
  if (first.ptr == stop) return false;
  std::from_chars(first.ptr + 1, stop, end, kHex);
  if (address < begin || address >= end) return false;
  const std::string_view name = line.substr(line.rfind('/') + 1);
  return name.starts_with(storage::kDataFile) || name.starts_with(storage::kLockFile);
}

}  // namespace

bool is_data_fault(const void* address) noexcept {
  if (storage::in_lmdb_call()) return true;
  if (address == nullptr) return false;
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return false;
  std::array<char, 8192> buffer{};
  std::size_t held = 0;
  bool found = false;
  while (!found) {
    const ssize_t got = ::read(maps, buffer.data() + held, buffer.size() - held);
    if (got <= 0) break;
    held += static_cast<std::size_t>(got);
    std::string_view rest(buffer.data(), held);
    for (std::size_t line = rest.find('\n'); line != std::string_view::npos && !found;
         line = rest.find('\n')) {
      found = maps_collection(rest.substr(0, line), reinterpret_cast<std::uintptr_t>(address));
      rest.remove_prefix(line + 1);
    }
    if (rest.size() == buffer.size()) break;  // a path longer than all paths are
    std::copy(rest.begin(), rest.end(), buffer.begin());
    held = rest.size();
  }
  ::close(maps);
  return found;
}

}  // namespace facesearch
