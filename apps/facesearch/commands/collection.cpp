// SPDX-License-Identifier: MIT
#include <memory>
#include <optional>
#include <string>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/inputs/labelled_pictures.hpp"
#include "facesearch/inputs/picture_work.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/policy_options.hpp"
#include "facesearch/output/progress.hpp"
#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/collections/merge.hpp"
#include "facesearch/service/packs/migrate.hpp"
#include "facesearch/service/persons/unlike_faces.hpp"

namespace facesearch::app {
namespace {

struct CollectionOptions {
  std::string id;
  std::string pack = kDefaultPack;
  bool no_encryption = false;
  PolicyOptions policy;
};

struct CheckOptions {
  std::string id;
  bool people = false;
};

struct RepairOptions {
  std::string id;
  std::string to;
  bool dry_run = false;
};

struct MigrateOptions {
  std::string id;
  std::string pack;
  std::string photos;
  bool allow_missing = false;
  bool dry_run = false;
  bool confirm = false;
  bool revert = false;
};

Outcome run_collection_create(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::to_json(service::create_collection(
      context, caller, options.id, options.pack, options.policy.over(Policy{}), !options.no_encryption))};
}

Outcome run_collection_list(Invocation& invocation, const CollectionOptions& /*options*/) {
  const auto caller = invocation.authenticate(service::kAnyScope);
  auto context = invocation.context();
  return {contract::to_json(service::list_collections(context, caller))};
}

Outcome run_collection_show(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::kAnyScope);
  auto context = invocation.context();
  return {contract::to_json(service::show_collection(context, caller, options.id))};
}

Outcome run_collection_update(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::to_json(service::update_collection(
      context, caller, options.id, [&](const Policy& policy) { return options.policy.over(policy); }))};
}

Outcome run_collection_delete(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  service::delete_collection(context, caller, options.id);
  return {contract::collection_deleted_json(options.id)};
}

Outcome run_collection_check(Invocation& invocation, const CheckOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  const CheckReport report = service::check_collection(context, caller, options.id);
  std::optional<service::PeopleReport> people;
  if (options.people) people = service::check_people(context, caller, options.id);
  return {contract::collection_checked_json(options.id, report, people)};
}

Outcome run_collection_compact(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::collection_rewritten_json(options.id,
                                              service::compact_collection(context, caller, options.id))};
}

Outcome run_collection_rekey(Invocation& invocation, const CollectionOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::collection_rewritten_json(options.id,
                                              service::rekey_collection(context, caller, options.id))};
}

void require_one_way(const MigrateOptions& options) {
  const bool moves =
      !options.pack.empty() || !options.photos.empty() || options.allow_missing || options.dry_run;
  if (moves + options.confirm + options.revert != 1 ||
      (moves && (options.pack.empty() || options.photos.empty()))) {
    throw UsageError{
        "give the pack and the photographs with --to PACK --photos DIR; or --confirm; or --revert"};
  }
}

Outcome run_collection_migrate(Invocation& invocation, const MigrateOptions& options) {
  require_one_way(options);
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  if (options.confirm) return {contract::to_json(service::confirm_migration(context, caller, options.id))};
  if (options.revert) return {contract::to_json(service::revert_migration(context, caller, options.id))};
  service::MigrateRequest request{options.id, options.pack, {}, options.allow_missing, options.dry_run};
  for (service::LabelledPicture& picture : pictures_below(options.photos)) {
    request.photographs.push_back(std::move(picture.file));
  }
  Progress progress("photographs", invocation.options().quiet);
  return {contract::to_json(
      service::migrate(context, caller, request, picture_work(invocation, options.photos, progress)))};
}

Outcome run_collection_repair(Invocation& invocation, const RepairOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  const RepairReport report =
      service::repair_collection(context, caller, options.id, options.to, options.dry_run);
  return {contract::collection_repaired_json(options.id, options.to, report, options.dry_run),
          report.whole() ? ExitStatus::kSuccess : ExitStatus::kSomeFailed};
}

Outcome run_collection_merge(Invocation& invocation, service::MergeRequest request) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  Progress progress("faces", invocation.options().quiet);
  request.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  return {contract::to_json(service::merge_collections(context, caller, request))};
}

using Action = Outcome (*)(Invocation&, const CollectionOptions&);

// A command with the id of a collection.
std::shared_ptr<CollectionOptions> add_with_id(CLI::App* command, Selection& selection, Action action) {
  auto options = add_action(command, selection, action);
  command->add_option("id", options->id, "The collection's id: letters, digits, _ . -")
      ->required()
      ->type_name("ID");
  return options;
}

void add_migrate(CLI::App& collection, Selection& selection) {
  CLI::App* command =
      collection.add_subcommand("migrate", "Change the model pack, by the photographs of the faces");
  auto options = std::make_shared<MigrateOptions>();
  command->add_option("id", options->id, "The collection's id")->required()->type_name("ID");
  command->add_option("--to", options->pack, "The new model pack")->type_name("PACK");
  command->add_option("--photos", options->photos, "The folder of the photographs")->type_name("DIR");
  command->add_flag("--allow-missing", options->allow_missing, "Leave out faces without a photograph");
  command->add_flag("--dry-run", options->dry_run, "Only report what would happen");
  command->add_flag("--confirm", options->confirm, "Delete the templates of the former pack");
  command->add_flag("--revert", options->revert, "Return to the former pack");
  set_action(command, selection, Call::kManage, options, run_collection_migrate);
}

void add_check(CLI::App& collection, Selection& selection) {
  CLI::App* command = collection.add_subcommand("check", "Read all of a collection and report damage");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("id", options->id, "The collection's id: letters, digits, _ . -")
      ->required()
      ->type_name("ID");
  command->add_flag("--people", options->people, "Also list faces that are unlike their person's others");
  set_action(command, selection, Call::kManage, options, run_collection_check);
}

void add_repair(CLI::App& collection, Selection& selection) {
  CLI::App* command =
      collection.add_subcommand("repair", "Save the intact part of a damaged collection in a new one");
  auto options = std::make_shared<RepairOptions>();
  command->add_option("id", options->id, "The damaged collection's id; it is not changed")
      ->required()
      ->type_name("ID");
  command->add_option("--to", options->to, "The new collection's id")->required()->type_name("ID");
  command->add_flag("--dry-run", options->dry_run, "Only report what would be saved");
  set_action(command, selection, Call::kManage, options, run_collection_repair);
}

void add_merge(CLI::App& collection, Selection& selection) {
  CLI::App* command = collection.add_subcommand("merge", "Merge collections into a new one");
  auto request = std::make_shared<service::MergeRequest>();
  command->add_option("id", request->collections, "The collections' ids; they are not changed")
      ->required()
      ->type_name("ID");
  command->add_option("--to", request->to, "The new collection's id")->required()->type_name("ID");
  set_action(command, selection, Call::kManage, request, run_collection_merge);
}

}  // namespace

void add_collection(CLI::App& program, Selection& selection) {
  CLI::App* collection = program.add_subcommand(
      "collection", "Create, list, change, merge, check, repair and delete collections");
  collection->require_subcommand(1);

  CLI::App* create = collection->add_subcommand("create", "Create a collection");
  const auto created = add_with_id(create, selection, run_collection_create);
  create->add_option("--pack", created->pack, "The model pack")->type_name("NAME");
  create->add_flag("--no-encryption", created->no_encryption,
                   "Do not encrypt it, for example on an encrypted disk");
  created->policy.add_to(*create);

  add_action(collection->add_subcommand("list", "List the collections this key may use"), selection,
             run_collection_list);
  add_with_id(collection->add_subcommand("show", "Show one collection and its policy"), selection,
              run_collection_show);

  CLI::App* update =
      collection->add_subcommand("update", "Change the policy; options not given keep their values");
  add_with_id(update, selection, run_collection_update)->policy.add_to(*update);

  add_migrate(*collection, selection);
  add_merge(*collection, selection);

  add_check(*collection, selection);
  add_repair(*collection, selection);
  add_with_id(collection->add_subcommand("compact", "Rewrite it without the space of deleted faces"),
              selection, run_collection_compact);
  add_with_id(collection->add_subcommand("rekey", "Rewrite it with a new encryption key"), selection,
              run_collection_rekey);

  add_with_id(collection->add_subcommand("delete", "Delete a collection and all its faces"), selection,
              run_collection_delete);
}

}  // namespace facesearch::app
