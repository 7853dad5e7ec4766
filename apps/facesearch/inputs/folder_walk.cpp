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

constexpr std::array<std::pair<PassedFor, const char*>, 5> kPassedNames{
    {{PassedFor::kHidden, "HIDDEN"},
     {PassedFor::kSystemFolder, "SYSTEM_FOLDER"},
     {PassedFor::kExcluded, "EXCLUDED"},
     {PassedFor::kIgnored, "IGNORED"},
     {PassedFor::kLink, "LINK_TO_FOLDER"}}};

bool is_hidden(const fs::path& file) {
  return file.filename().native().starts_with('.');
}

}  // namespace

void InputRules::add_to(CLI::App& command) {
  command.add_flag("--all-files", all_files, fmt::format("All files, not only {}", picture_extensions()));
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

std::optional<PassedFor> InputRules::pass_over_file(const fs::path& file) const {
  if (is_hidden(file)) return PassedFor::kHidden;
  if (!all_files && !is_picture_extension(file.extension().string())) return PassedFor::kNoPicture;
  if (excludes(file)) return PassedFor::kExcluded;
  return std::nullopt;
}

std::optional<PassedFor> InputRules::pass_over_folder(const fs::path& folder) const {
  if (is_hidden(folder)) return PassedFor::kHidden;
  const bool systems = std::ranges::find(kSystemFolders, folder.filename().native()) != kSystemFolders.end();
  if (systems) return PassedFor::kSystemFolder;
  if (excludes(folder)) return PassedFor::kExcluded;
  return std::nullopt;
}

void PassedOver::add(PassedFor why, const fs::path& path) {
  if (why != PassedFor::kNoPicture) {
    ++counts_.at(static_cast<std::size_t>(why));
    return;
  }
  constexpr std::size_t kLongestEnding = 8;  // what is longer is hardly one: it may be a part of a name
  std::string ending = path.extension().string();
  if (ending.size() > kLongestEnding) ending.clear();
  for (char& letter : ending) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  add_ending(ending, 1);
}

void PassedOver::add_ending(const std::string& ending, std::uint64_t count) {
  constexpr std::size_t kMostEndings = 16;
  const bool known = endings_.contains(ending) || endings_.size() < kMostEndings;
  endings_[known ? ending : ""] += count;
}

PassedOver& PassedOver::operator+=(const PassedOver& other) {
  for (std::size_t why = 0; why < counts_.size(); ++why) counts_.at(why) += other.counts_.at(why);
  for (const auto& [ending, count] : other.endings_) add_ending(ending, count);
  return *this;
}

std::uint64_t PassedOver::total() const {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts_) total += count;
  for (const auto& [ending, count] : endings_) total += count;
  return total;
}

std::map<std::pair<std::string, std::string>, std::uint64_t> PassedOver::by_reason() const {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  for (const auto& [why, name] : kPassedNames) {
    const std::uint64_t count = counts_.at(static_cast<std::size_t>(why));
    if (count > 0) counts[{name, ""}] = count;
  }
  for (const auto& [ending, count] : endings_) counts[{"NOT_A_PICTURE", ending}] = count;
  return counts;
}

FolderWalk::FolderWalk(fs::path folder, InputRules rules, std::function<void(const fs::path&)> reading,
                       IgnoreRules::Shared above)
    : rules_(std::move(rules)), reading_(std::move(reading)) {
  stack_.push_back({{std::move(folder), true, std::move(above)}});
}

std::optional<FolderWalk::Found> FolderWalk::next() {
  while (!stack_.empty()) {
    if (stack_.back().empty()) {
      stack_.pop_back();
      continue;
    }
    const Entry entry = std::move(stack_.back().back());
    stack_.back().pop_back();
    if (!entry.is_folder) return Found{entry.path, {}};
    if (auto fault = open(entry)) return fault;
  }
  return std::nullopt;
}

std::optional<FolderWalk::Found> FolderWalk::open(const Entry& opened) {
  const fs::path& folder = opened.path;
  if (reading_) reading_(folder);
  std::error_code failed;
  fs::directory_iterator at(folder, failed);
  IgnoreRules::Shared ignore;
  try {
    if (!failed) ignore = IgnoreRules::of(folder, opened.above);
  } catch (const Error& error) {
    return Found{folder, error};
  }
  std::vector<Entry> entries;
  for (const fs::directory_iterator end; !failed && at != end; at.increment(failed)) {
    std::error_code ignored;
    const fs::file_type type = at->status(ignored).type();
    const bool is_folder = type == fs::file_type::directory;
    const bool is_link = at->is_symlink(ignored);
    if (is_folder && is_link) {
      passed_over_.add(PassedFor::kLink, at->path());
      continue;
    }
    const bool leads_nowhere = is_link && (type == fs::file_type::not_found || type == fs::file_type::none);
    if (!is_folder && type != fs::file_type::regular && !leads_nowhere) continue;
    if (!is_folder && at->path().filename() == kIgnoreFile) continue;
    auto passed = is_folder ? rules_.pass_over_folder(at->path()) : rules_.pass_over_file(at->path());
    if (!passed && ignore && ignore->ignores(at->path(), is_folder)) passed = PassedFor::kIgnored;
    if (passed) {
      passed_over_.add(*passed, at->path());
    } else {
      entries.push_back({at->path(), is_folder, is_folder ? ignore : nullptr});
    }
  }
  if (failed) {
    return Found{folder,
                 Error(Cause::kPermissionDenied, "FOLDER_NOT_READABLE",
                       fmt::format("the folder '{}' cannot be read: {}", folder.string(), failed.message()))};
  }
  std::ranges::sort(entries,
                    [](const Entry& a, const Entry& b) { return a.path.native() > b.path.native(); });
  stack_.push_back(std::move(entries));
  return std::nullopt;
}

}  // namespace facesearch::app
