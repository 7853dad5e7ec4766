// SPDX-License-Identifier: MIT
#include "facesearch/inputs/folder_walk.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "facesearch/image/decode.hpp"

namespace facesearch::app {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& file) {
  return file.filename().native().starts_with('.');
}

bool is_input_name(const fs::path& file, bool all_files) {
  return !is_hidden(file) && (all_files || is_picture_extension(file.extension().string()));
}

FolderWalk::FolderWalk(fs::path folder, bool all_files, std::function<void(const fs::path&)> reading)
    : all_files_(all_files), reading_(std::move(reading)) {
  stack_.push_back({{std::move(folder), true}});
}

std::optional<FolderWalk::Found> FolderWalk::next() {
  while (!stack_.empty()) {
    if (stack_.back().empty()) {
      stack_.pop_back();
      continue;
    }
    const Entry entry = std::move(stack_.back().back());
    stack_.back().pop_back();
    if (!entry.is_folder) return Found{entry.path, ""};
    if (auto fault = open(entry.path)) return fault;
  }
  return std::nullopt;
}

std::optional<FolderWalk::Found> FolderWalk::open(const fs::path& folder) {
  if (reading_) reading_(folder);
  std::error_code failed;
  std::vector<Entry> entries;
  fs::directory_iterator at(folder, failed);
  for (const fs::directory_iterator end; !failed && at != end; at.increment(failed)) {
    if (is_hidden(at->path())) continue;
    std::error_code ignored;
    const bool is_folder = at->is_directory(ignored);
    if (is_folder && at->is_symlink(ignored)) continue;
    if (!is_folder && !at->is_regular_file(ignored)) continue;
    if (!is_folder && !is_input_name(at->path(), all_files_)) {
      ++passed_over_;
      continue;
    }
    entries.push_back({at->path(), is_folder});
  }
  if (failed) return Found{folder, failed.message()};
  std::ranges::sort(entries,
                    [](const Entry& a, const Entry& b) { return a.path.native() > b.path.native(); });
  stack_.push_back(std::move(entries));
  return std::nullopt;
}

}  // namespace facesearch::app
