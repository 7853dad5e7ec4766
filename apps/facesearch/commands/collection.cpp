// SPDX-License-Identifier: MIT
#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/policy_options.hpp"
#include "facesearch/service/collections.hpp"

namespace facesearch::app {
namespace {

struct Options {
  std::string id;
  std::string pack = kDefaultPack;
  PolicyOptions policy;
};

Outcome run_create(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::to_json(
      service::create_collection(context, caller, options.id, options.pack, options.policy.over(Policy{})))};
}

Outcome run_list(Invocation& invocation, const Options& /*options*/) {
  const auto caller = invocation.authenticate(service::kAnyScope);
  auto context = invocation.context();
  return {contract::to_json(service::list_collections(context, caller))};
}

Outcome run_show(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::kAnyScope);
  auto context = invocation.context();
  return {contract::to_json(service::show_collection(context, caller, options.id))};
}

Outcome run_update(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::to_json(service::update_collection(
      context, caller, options.id, [&](const Policy& policy) { return options.policy.over(policy); }))};
}

Outcome run_delete(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  service::delete_collection(context, caller, options.id);
  return {contract::collection_deleted_json(options.id)};
}

using Action = Outcome (*)(Invocation&, const Options&);

std::shared_ptr<Options> add(CLI::App* command, Selection& selection, Action action, bool takes_id) {
  auto options = std::make_shared<Options>();
  if (takes_id) {
    command->add_option("id", options->id, "The collection's id: letters, digits, _ . -")
        ->required()
        ->type_name("ID");
  }
  command->callback([&selection, options, action] {
    selection = {Call::kManage,
                 [options, action](Invocation& invocation) { return action(invocation, *options); }};
  });
  return options;
}

}  // namespace

void add_collection(CLI::App& program, Selection& selection) {
  CLI::App* collection =
      program.add_subcommand("collection", "Make, list, show, change or delete collections");
  collection->require_subcommand(1);

  CLI::App* create = collection->add_subcommand("create", "Make a collection");
  const auto created = add(create, selection, run_create, true);
  create->add_option("--pack", created->pack, "The model pack, for good")->type_name("NAME");
  created->policy.add_to(*create);

  add(collection->add_subcommand("list", "List the collections this key may use"), selection, run_list,
      false);
  add(collection->add_subcommand("show", "Show one collection and its policy"), selection, run_show, true);

  CLI::App* update = collection->add_subcommand("update", "Change the policy; what is not named stays");
  add(update, selection, run_update, true)->policy.add_to(*update);

  add(collection->add_subcommand("delete", "Delete a collection and all its faces"), selection, run_delete,
      true);
}

}  // namespace facesearch::app
