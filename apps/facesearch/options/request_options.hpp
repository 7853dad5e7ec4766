// SPDX-License-Identifier: MIT
#pragma once

#include <list>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "facesearch/contract/requests/request.hpp"

namespace facesearch::app {

/// Reads a document of `template extract`. Throws as read_input; Error(kInvalidValue, TEMPLATE_INVALID) with
/// the file's name if it is not a JSON object.
contract::RawRequest read_template(const std::string& file);

/// The options of a command whose request comes as JSON (`--request FILE`, or standard input without other
/// options) or member by member. Registering accesses no file; read() does.
class RequestOptions {
 public:
  /// The command must outlive this.
  explicit RequestOptions(CLI::App& command) : command_(command) {}

  /// `--request FILE`.
  void document();

  /// An option that stands for a member of the request.
  void member(const std::string& option, const std::string& name, const std::string& help);

  /// An option without a value that makes a member of the request true.
  void flag(const std::string& option, const std::string& name, const std::string& help);

  /// An option without a value that gives a member this text.
  void choice(const std::string& option, const std::string& name, const std::string& text,
              const std::string& help);

  /// An option whose value is a number.
  void number(const std::string& option, const std::string& name, const std::string& help);

  /// An option that may be repeated, or a positional of several: a list of texts.
  /// `type`: what the help calls a value.
  void list(const std::string& option, const std::string& name, const std::string& type,
            const std::string& help);

  CLI::App& command() { return command_; }

  /// `--collection ID`, and `--collections LIST` (separated by commas).
  void searched_collections();

  /// The option, or positional, of the picture's file; stands for `faceImage`.
  void picture(const std::string& option);

  /// `--template FILE`: a document of `template extract` instead of a picture. It may be repeated
  /// (template_files); read() accepts one.
  void given_template();

  /// `--remember-deleted` and `--remember-template`: what is deleted is not to be enrolled again.
  void remembering();

  /// `--metadata KEY=VALUE`, may be repeated.
  void metadata();

  /// The value of the picture's option; may be empty.
  const std::string& picture_file() const { return picture_; }
  const std::vector<std::string>& template_files() const { return templates_; }

  /// The files that read() reads.
  std::vector<std::string> files() const;

  /// True if a member other than picture and template is given, or `--request`.
  bool names_more_than_probe() const;

  /// True if this member is the only one given.
  bool names_only(const std::string& member) const;

  /// The value of a member's option; empty where it was not given.
  std::string text(const std::string& member) const;

  /// Reads the request. Throws UsageError if `--request` and members are both given, or neither is and
  /// standard input is a terminal; Error as read_input and contract::parse_request.
  contract::RawRequest read() const;

  /// The members of all requests of a batch. Throws UsageError if a picture, template or request is given
  /// too.
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
  std::map<std::string, contract::RawValue> flags_;  // by member: what its option stands for
  std::map<std::string, double> numbers_;  // by member, as are the lists; a map keeps addresses, too
  std::map<std::string, std::vector<std::string>> lists_;
  CLI::Option* picture_option_ = nullptr;
  CLI::Option* metadata_option_ = nullptr;
  std::vector<std::string> metadata_;
};

}  // namespace facesearch::app
