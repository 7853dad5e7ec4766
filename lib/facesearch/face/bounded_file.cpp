// SPDX-License-Identifier: MIT
#include "facesearch/face/bounded_file.hpp"

#include <fstream>
#include <system_error>

namespace facesearch {

std::optional<std::vector<std::uint8_t>> read_bounded(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed || size > max_bytes) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  // One byte more than the size: a file that has grown since is noticed.
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size) + 1);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto got = static_cast<std::size_t>(in.gcount());
  if (!in.is_open() || in.bad() || got > max_bytes) return std::nullopt;
  bytes.resize(got);
  return bytes;
}

}  // namespace facesearch
