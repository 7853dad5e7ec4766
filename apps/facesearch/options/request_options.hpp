// SPDX-License-Identifier: MIT
#pragma once

#include <list>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "facesearch/contract/requests/request.hpp"

namespace facesearch::app {

/// Reads a document as `template extract` writes it. Throws as read_input; Error(kInvalidValue,
/// TEMPLATE_INVALID) naming the file where it is no JSON object.
contract::RawRequest read_template(const std::string& file);

/// The options of a command whose request may come as JSON (`--request FILE`, or standard input where
/// nothing is named) or member by member. Registering touches no file; read() does.
class RequestOptions {
 public:
  /// The command must outlive this.
  explicit RequestOptions(CLI::App& command) : command_(command) {}

  /// `--request FILE`.
  void document();

  /// An option that stands for a member of the request.
  void member(const std::string& option, const std::string& name, const std::string& help);

  /// `--collection ID`, and `--collections LIST` with commas: what is searched.
  void searched_collections();

  /// The option, or positional, of the picture's file; stands for `faceImage`.
  void picture(const std::string& option);

  /// `--template FILE`: the document of `template extract`, in place of a picture. It may come several times
  /// where the command takes that many (template_files); read() takes one.
  void given_template();

  /// `--metadata KEY=VALUE`, any number of them.
  void metadata();

  /// The file that the picture's option names; empty where it names none.
  const std::string& picture_file() const { return picture_; }
  const std::vector<std::string>& template_files() const { return templates_; }

  /// True if the command line names any part of the request but picture and template: a member, or
  /// `--request`.
  bool names_more_than_probe() const;

  /// Reads the request, with the first template. Throws UsageError where `--request` and members are both
  /// given, or neither is and standard input is a terminal; Error as read_input and contract::parse_request.
  contract::RawRequest read() const;

  /// The members that all requests of a batch have. Throws UsageError where the command line names one
  /// picture, template or request besides.
  contract::RawRequest read_for_batch() const;

 private:
  bool names_members() const;
  contract::RawRequest from_members() const;

  CLI::App& command_;
  std::string request_;
  std::string picture_;
  std::vector<std::string> templates_;
  std::list<std::pair<std::string, std::string>> members_;  // member, value; a list: CLI11 keeps addresses
  std::string collections_;
  std::map<std::string, CLI::Option*> given_;
  CLI::Option* picture_option_ = nullptr;
  CLI::Option* metadata_option_ = nullptr;
  std::vector<std::string> metadata_;
};

}  // namespace facesearch::app
