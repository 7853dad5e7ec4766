// SPDX-License-Identifier: MIT
#include "facesearch/batch/batch_item.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/inputs/read_input.hpp"

namespace facesearch::app {

contract::RawRequest read_item(BatchItem item) {
  if (item.fault) throw Error(*item.fault);
  if (!item.file.empty()) item.raw.picture = read_picture(item.file);
  return std::move(item.raw);
}

BatchItem item_of_unreadable(const FolderWalk::Found& folder) {
  BatchItem item;
  item.input = folder.file.string();
  item.fault = folder.fault;
  return item;
}

std::string text_of(const contract::RawRequest& raw, const std::string& member) {
  const auto found = raw.members.find(member);
  if (found == raw.members.end()) return "";
  const auto* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? "" : *text;
}

ItemMaker::ItemMaker(contract::RawRequest base, std::string name, const std::string& name_from)
    : base_(std::move(base)), name_(std::move(name)) {
  if (!name_from.empty()) name_from_.emplace(name_from);
}

BatchItem ItemMaker::item_of_file(const std::string& file) const {
  BatchItem item;
  item.input = file;
  item.file = file;
  complete(item);
  return item;
}

void ItemMaker::complete(BatchItem& item) const {
  if (name_from_ && !item.file.empty() && text_of(item.raw, name_).empty()) {
    if (auto name = name_from_->name_of(item.file)) item.raw.members[name_] = *std::move(name);
  }
  const bool names_collection =
      item.raw.members.contains("collectionId") || item.raw.members.contains("collectionIds");
  for (const auto& [member, value] : base_.members) {
    if (names_collection && member.starts_with("collectionId")) continue;
    item.raw.members.try_emplace(member, value);
  }
  if (name_ == "requestName" && text_of(item.raw, name_).empty() && text_of(item.raw, "userName").empty()) {
    const std::string file = std::filesystem::path(item.input).filename().string();
    item.raw.members[name_] =
        is_utf8(file) && file.size() <= kMaxNameBytes && !file.empty() ? file : "request";
  }
}

}  // namespace facesearch::app
