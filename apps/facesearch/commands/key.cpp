// SPDX-License-Identifier: MIT
#include <map>
#include <memory>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/service/keys.hpp"

namespace facesearch::app {
namespace {

const std::map<std::string, Scope> kScopes{{"enroll", Scope::kEnroll},
                                           {"search", Scope::kSearch},
                                           {"delete", Scope::kDelete},
                                           {"admin", Scope::kAdmin}};

struct Options {
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

// A key that is limited to some collections could make itself one that is not.
void require_admin(Invocation& invocation) {
  service::require_every_collection(invocation.authenticate(service::scope_bit(Scope::kAdmin)));
}

Outcome run_create(Invocation& invocation, const Options& options) {
  require_admin(invocation);
  std::optional<Timestamp> expires;
  if (options.expires) expires = expiry(*options.expires);
  return {contract::to_json(service::create_key(invocation.store(), options.label, scope_bits(options.scopes),
                                                options.collections, expires, now()))};
}

Outcome run_list(Invocation& invocation, const Options& /*options*/) {
  require_admin(invocation);
  return {contract::to_json(invocation.store().keys())};
}

Outcome run_revoke(Invocation& invocation, const Options& options) {
  require_admin(invocation);
  service::revoke_key(invocation.store(), options.id, now());
  return {contract::key_revoked_json(options.id)};
}

using Action = Outcome (*)(Invocation&, const Options&);

std::shared_ptr<Options> add(CLI::App* command, Selection& selection, Action action) {
  auto options = std::make_shared<Options>();
  command->callback([&selection, options, action] {
    selection = {Call::kManage,
                 [options, action](Invocation& invocation) { return action(invocation, *options); }};
  });
  return options;
}

}  // namespace

void add_key(CLI::App& program, Selection& selection) {
  CLI::App* key = program.add_subcommand("key", "Make, list or revoke API keys");
  key->require_subcommand(1);

  CLI::App* create = key->add_subcommand("create", "Make a key; it is shown this once");
  const auto options = add(create, selection, run_create);
  create->add_option("--label", options->label, "What the key is for")->type_name("TEXT");
  create->add_option("--scope", options->scopes, "enroll, search, delete, admin; several with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"enroll", "search", "delete", "admin"}).description(""))
      ->type_name("LIST");
  create
      ->add_option("--collection", options->collections,
                   "Only for these collections (all); several with commas")
      ->delimiter(',')
      ->type_name("ID");
  create->add_option("--expires", options->expires, "A day or a time (RFC 3339)")->type_name("TIME");

  add(key->add_subcommand("list", "List the keys; never shows a key"), selection, run_list);

  CLI::App* revoke = key->add_subcommand("revoke", "Make a key useless, at once and for good");
  const auto revoked = add(revoke, selection, run_revoke);
  revoke->add_option("id", revoked->id, "The id that key list shows")->required()->type_name("ID");
}

}  // namespace facesearch::app
