// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/fetch/fetch.hpp"
#include "support/files.hpp"

namespace facesearch::test {

/// A folder of its own with the places of a download; gone with the object.
class Places {
 public:
  Places() : folder(std::filesystem::temp_directory_path() / ("facesearch-" + Uuid::make().text())) {
    std::filesystem::create_directories(folder);
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  ~Places() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  const std::filesystem::path folder;
  const std::filesystem::path path = folder / "net.onnx";
  const std::filesystem::path partial = folder / "net.onnx.part";

  /// Nothing is there: neither the file nor what was begun of it.
  bool empty() const { return std::filesystem::is_empty(folder); }

  /// There is the begun file alone, and it holds this.
  bool only_partial(std::string_view bytes) const;
};

inline std::string read(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? contents(path) : "(no file)";
}

inline void write(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline bool Places::only_partial(std::string_view bytes) const {
  return !std::filesystem::exists(path) && read(partial) == bytes;
}

/// Bytes that do not repeat, so that none can stand for another.
inline std::string made_bytes(std::size_t size) {
  std::string bytes;
  for (unsigned i = 0; bytes.size() < size; ++i) bytes += hex(sha256(std::to_string(i)));
  bytes.resize(size);
  return bytes;
}

inline const std::string kUrl = "https://a.invalid/net";
inline const std::string kBytes = made_bytes(1000);

inline std::string sum_of(std::string_view bytes) {
  return hex(sha256(bytes));
}

/// Wanted with its size and its sum.
inline WantedFile wanted(std::string_view bytes, std::vector<std::string> urls) {
  return {std::move(urls), bytes.size(), sum_of(bytes)};
}

inline FetchOptions quick() {
  FetchOptions options;
  options.first_pause = std::chrono::milliseconds(1);
  return options;
}

/// The Error that `work` throws; fails if it throws none.
inline Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error was thrown");
}

}  // namespace facesearch::test
