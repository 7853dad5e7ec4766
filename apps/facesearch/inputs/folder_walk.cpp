// SPDX-License-Identifier: MIT
#include "facesearch/inputs/folder_walk.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "facesearch/image/decode.hpp"
#include "facesearch/options/option_checks.hpp"

namespace facesearch::app {

namespace fs = std::filesystem;

namespace {

// Folders that storage systems and programs keep beside pictures: their thumbnails, what was deleted, former
// states.
constexpr std::array<std::string_view, 9> kSystemFolders{"@eaDir",
                                                         "#recycle",
                                                         "@Recycle",
                                                         "@Recently-Snapshot",
                                                         "#snapshot",
                                                         "$RECYCLE.BIN",
                                                         "System Volume Information",
                                                         "lost+found",
                                                         "__MACOSX"};

bool is_hidden(const fs::path& file) {
  return file.filename().native().starts_with('.');
}

}  // namespace

void InputRules::add_to(CLI::App& command) {
  command.add_flag("--all-files", all_files,
                   fmt::format("All files of folders, not only {}", picture_extensions()));
  command.add_option("--exclude", exclude, "Leave out files and folders of this name (a glob); repeatable")
      ->allow_extra_args(false)
      ->check(not_empty())
      ->type_name("GLOB");
}

bool InputRules::excludes(const fs::path& path) const {
  return std::ranges::any_of(exclude, [&](const std::string& glob) {
    const bool of_path = glob.find('/') != std::string::npos;
    return ::fnmatch(glob.c_str(), of_path ? path.c_str() : path.filename().c_str(), 0) == 0;
  });
}

InputRules::Taken InputRules::take_file(const fs::path& file) const {
  if (is_hidden(file)) return Taken::kHidden;
  const bool taken = (all_files || is_picture_extension(file.extension().string())) && !excludes(file);
  return taken ? Taken::kYes : Taken::kPassedOver;
}

InputRules::Taken InputRules::take_folder(const fs::path& folder) const {
  if (is_hidden(folder)) return Taken::kHidden;
  const bool systems = std::ranges::find(kSystemFolders, folder.filename().native()) != kSystemFolders.end();
  return systems || excludes(folder) ? Taken::kPassedOver : Taken::kYes;
}

FolderWalk::FolderWalk(fs::path folder, InputRules rules, std::function<void(const fs::path&)> reading)
    : rules_(std::move(rules)), reading_(std::move(reading)) {
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
    std::error_code ignored;
    const fs::file_type type = at->status(ignored).type();
    const bool is_folder = type == fs::file_type::directory;
    const bool is_link = at->is_symlink(ignored);
    if (is_folder && is_link) continue;
    const bool leads_nowhere = is_link && (type == fs::file_type::not_found || type == fs::file_type::none);
    if (!is_folder && type != fs::file_type::regular && !leads_nowhere) continue;
    const auto taken = is_folder ? rules_.take_folder(at->path()) : rules_.take_file(at->path());
    if (taken == InputRules::Taken::kYes) entries.push_back({at->path(), is_folder});
    if (taken == InputRules::Taken::kPassedOver) ++passed_over_;
  }
  if (failed) return Found{folder, failed.message()};
  std::ranges::sort(entries,
                    [](const Entry& a, const Entry& b) { return a.path.native() > b.path.native(); });
  stack_.push_back(std::move(entries));
  return std::nullopt;
}

}  // namespace facesearch::app
