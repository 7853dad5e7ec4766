// SPDX-License-Identifier: MIT
#include <map>
#include <memory>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/options/passphrase.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/service/access/keys.hpp"

namespace facesearch::app {
namespace {

const std::map<std::string, Scope> kScopes{{"enroll", Scope::kEnroll},
                                           {"search", Scope::kSearch},
                                           {"delete", Scope::kDelete},
                                           {"admin", Scope::kAdmin}};

struct KeyOptions {
  std::string new_passphrase_file;
  bool no_passphrase = false;
  std::string label;
  std::vector<std::string> scopes;
  std::vector<std::string> collections;
  std::optional<std::string> expires;
  std::string id;
};

std::uint8_t scope_bits(const std::vector<std::string>& names) {
  std::uint8_t bits = 0;
  for (const std::string& name : names) {
    bits = static_cast<std::uint8_t>(bits | service::scope_bit(kScopes.at(name)));
  }
  return bits;
}

Timestamp expiry(const std::string& text) {
  const auto time = parse_rfc3339(text);
  if (!time) {
    throw Error(Cause::kInvalidValue, "EXPIRY_INVALID",
                fmt::format("'{}' is no time; write 2027-01-31 or 2027-01-31T08:00:00Z", text));
  }
  return *time;
}

Outcome run_key_create(Invocation& invocation, const KeyOptions& options) {
  invocation.require_admin();
  std::optional<Timestamp> expires;
  if (options.expires) expires = expiry(*options.expires);
  return {contract::to_json(service::create_key(invocation.store(), options.label, scope_bits(options.scopes),
                                                options.collections, expires, now()))};
}

Outcome run_key_list(Invocation& invocation, const KeyOptions& /*options*/) {
  invocation.require_admin();
  return {contract::to_json(invocation.store().api_keys().list())};
}

Outcome run_key_revoke(Invocation& invocation, const KeyOptions& options) {
  invocation.require_admin();
  service::revoke_key(invocation.store(), options.id, now());
  return {contract::key_revoked_json(options.id)};
}

Outcome run_key_rotate_master(Invocation& invocation, const KeyOptions& options) {
  invocation.require_admin();
  service::PassphraseChange passphrase{.to = std::nullopt, .none = options.no_passphrase};
  if (!options.new_passphrase_file.empty()) passphrase.to = read_passphrase(options.new_passphrase_file);
  Store& store = invocation.store();
  service::rotate_master(store, passphrase);
  const auto file = invocation.master_key_file(store.id()).string();
  if (!invocation.options().quiet) {
    tell(fmt::format(
        "facesearch: the new master key is in {}; keep a copy of it. The copies of the former one "
        "open backups that were made before, and nothing else.",
        file));
  }
  return {contract::master_rotated_json(file)};
}

}  // namespace

void add_key(CLI::App& program, Selection& selection) {
  CLI::App* key = program.add_subcommand("key", "Create, list and revoke API keys; rotate the master key");
  key->require_subcommand(1);

  CLI::App* create = key->add_subcommand("create", "Create a key; it is shown only once");
  const auto options = add_action(create, selection, run_key_create);
  create->add_option("--label", options->label, "A label, for example who uses the key")->type_name("TEXT");
  create->add_option("--scope", options->scopes, "enroll, search, delete, admin; several with commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(one_of({"enroll", "search", "delete", "admin"}))
      ->type_name("LIST");
  create
      ->add_option("--collection", options->collections,
                   "Only for these collections, separated by commas (all)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("ID");
  create->add_option("--expires", options->expires, "A day or a time (RFC 3339)")->type_name("TIME");

  add_action(key->add_subcommand("list", "List the keys; never shows a key"), selection, run_key_list);

  CLI::App* revoke = key->add_subcommand("revoke", "Revoke a key, at once and for ever");
  const auto revoked = add_action(revoke, selection, run_key_revoke);
  revoke->add_option("id", revoked->id, "The key's id, from key list")->required()->type_name("ID");

  CLI::App* rotate = key->add_subcommand("rotate-master", "Replace the master key with a new one");
  const auto rotated = add_action(rotate, selection, run_key_rotate_master);
  CLI::Option* wrapped = rotate
                             ->add_option("--new-passphrase-file", rotated->new_passphrase_file,
                                          "File with the new passphrase of the master key")
                             ->check(not_empty())
                             ->type_name("FILE");
  rotate->add_flag("--no-passphrase", rotated->no_passphrase, "Remove the passphrase of the master key")
      ->excludes(wrapped);
}

}  // namespace facesearch::app
