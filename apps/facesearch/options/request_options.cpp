// SPDX-License-Identifier: MIT
#include "facesearch/options/request_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/outcome.hpp"

namespace facesearch::app {
namespace {

contract::RawRequest read_document(const std::string& file) {
  const auto bytes = read_input(file, kMaxRequestBytes);
  return contract::parse_request({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

contract::RawRequest read_template(const std::string& file) {
  contract::RawRequest raw;
  try {
    raw.take_template(read_document(file));
  } catch (const Error& error) {
    if (error.cause() != Cause::kRequestNotJson) throw;
    throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID",
                fmt::format("{} is not a document of `facesearch template extract`: it is not a JSON object",
                            file == "-" ? "standard input" : "'" + file + "'"));
  }
  return raw;
}

void RequestOptions::document() {
  command_.add_option("--request", request_, "The request as JSON: a file, or - for standard input")
      ->type_name("FILE");
}

void RequestOptions::member(const std::string& option, const std::string& name, const std::string& help) {
  auto& entry = members_.emplace_back(name, "");
  given_[name] = command_.add_option(option, entry.second, help)->type_name("TEXT");
}

void RequestOptions::flag(const std::string& option, const std::string& name, const std::string& help) {
  given_[name] = command_.add_flag(option, help);
  flags_[name] = true;
}

void RequestOptions::choice(const std::string& option, const std::string& name, const std::string& text,
                            const std::string& help) {
  given_[name] = command_.add_flag(option, help);
  flags_[name] = text;
}

void RequestOptions::number(const std::string& option, const std::string& name, const std::string& help) {
  given_[name] = command_.add_option(option, numbers_[name], help)->check(app::number())->type_name("N");
}

void RequestOptions::list(const std::string& option, const std::string& name, const std::string& type,
                          const std::string& help) {
  given_[name] = command_.add_option(option, lists_[name], help)->type_name(type);
  if (option.starts_with("--")) given_[name]->allow_extra_args(false);
}

void RequestOptions::searched_collections() {
  member("--collection", "collectionId", "The collection to search");
  given_["collectionIds"] = command_
                                .add_option("--collections", collections_,
                                            "Several collections, separated by commas, searched as one")
                                ->type_name("LIST");
}

void RequestOptions::picture(const std::string& option) {
  picture_option_ =
      command_
          .add_option(option, picture_,
                      fmt::format("The picture ({}): a file, or - for standard input", format_names()))
          ->type_name("FILE");
}

void RequestOptions::given_template() {
  command_
      .add_option("--template", templates_,
                  "Instead of a picture, a document of `template extract`: a file, or -")
      ->allow_extra_args(false)
      ->type_name("FILE");
}

std::vector<std::string> RequestOptions::files() const {
  std::vector<std::string> files = templates_;
  for (const std::string& file : {picture_, request_}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

void RequestOptions::remembering() {
  flag("--remember-deleted", "rememberDeleted", "Refuse to enrol the same picture again");
  flag("--remember-template", "rememberTemplate", "... and any face alike: keeps the template");
}

void RequestOptions::metadata() {
  metadata_option_ =
      command_.add_option("--metadata", metadata_, "KEY=VALUE, stored with the face; may be repeated")
          ->allow_extra_args(false)
          ->type_name("K=V");
}

contract::RawRequest RequestOptions::from_members() const {
  contract::RawRequest raw;
  if (!templates_.empty()) raw = read_template(templates_.front());
  raw.options = {{"limit", "--limit"}, {"metadata", "--metadata"}, {"template", "--template"}};
  for (const auto& [member, option] : given_) raw.options[member] = option->get_name();
  if (picture_option_ != nullptr) {
    raw.options["faceImage"] =
        picture_option_->get_positional() ? "the picture" : picture_option_->get_name();
  }
  const auto add_given = [&](const auto& values) {
    for (const auto& [name, value] : values) {
      if (given_.at(name)->count() > 0) raw.members[name] = value;
    }
  };
  add_given(flags_);
  add_given(numbers_);
  add_given(lists_);
  for (const auto& [name, value] : members_) {
    if (given_.at(name)->count() > 0) raw.members[name] = value;
  }
  if (const auto several = given_.find("collectionIds");
      several != given_.end() && several->second->count() > 0) {
    raw.members["collectionIds"] = split_at_commas(collections_);
  }
  if (metadata_option_ != nullptr && metadata_option_->count() > 0) {
    std::map<std::string, std::string> entries;
    for (const std::string& entry : metadata_) {
      const std::size_t equals = entry.find('=');
      if (equals == std::string::npos || equals == 0)
        throw UsageError{"--metadata takes KEY=VALUE, for example --metadata badge=1234"};
      entries[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    raw.members["metadata"] = std::move(entries);
  }
  if (picture_option_ != nullptr && picture_option_->count() > 0) {
    raw.picture = read_input(picture_, kMaxRequestBytes);
  }
  return raw;
}

bool RequestOptions::names_members() const {
  return std::ranges::any_of(given_, [](const auto& item) { return item.second->count() > 0; }) ||
         (metadata_option_ != nullptr && metadata_option_->count() > 0);
}

bool RequestOptions::names_more_than_probe() const {
  return !request_.empty() || names_members();
}

bool RequestOptions::names_only(const std::string& member) const {
  const auto given = std::ranges::count_if(given_, [](const auto& item) { return item.second->count() > 0; });
  const bool metadata = metadata_option_ != nullptr && metadata_option_->count() > 0;
  return request_.empty() && !metadata && given == 1 && given_.at(member)->count() > 0;
}

std::string RequestOptions::text(const std::string& member) const {
  const auto found = std::ranges::find_if(members_, [&](const auto& item) { return item.first == member; });
  return found == members_.end() ? "" : found->second;
}

contract::RawRequest RequestOptions::read() const {
  const bool picture = picture_option_ != nullptr && picture_option_->count() > 0;
  const bool options = names_members() || picture || !templates_.empty();
  if (options && !request_.empty()) throw UsageError{"give --request or the options of a request, not both"};
  if (picture && !templates_.empty()) throw UsageError{"give a picture or --template, not both"};
  if (templates_.size() > 1) throw UsageError{"give --template once"};
  if (options) return from_members();
  if (request_.empty() && input_is_terminal()) {
    throw UsageError{"give the request: by options, by --request FILE, or on standard input"};
  }
  return read_document(request_.empty() ? "-" : request_);
}

contract::RawRequest RequestOptions::read_for_batch() const {
  const bool picture = picture_option_ != nullptr && picture_option_->count() > 0;
  if (picture || !templates_.empty() || !request_.empty()) {
    throw UsageError{"give one request (--image, --template or --request) or many inputs, not both"};
  }
  return from_members();
}

}  // namespace facesearch::app
