// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"
#include "support/files.hpp"

namespace facesearch::test {

/// A folder of its own under the system's temporary folder; gone with the object.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("facesearch-" + Uuid::make().text())) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& file, const std::string& text = "picture") {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// The reason of the Error that an action throws; empty if it throws none.
template <class Action>
std::string reason_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.reason();
  }
  return "";
}

}  // namespace facesearch::test
