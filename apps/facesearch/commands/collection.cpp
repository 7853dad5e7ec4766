// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/labelled_pictures.hpp"
#include "facesearch/picture_work.hpp"
#include "facesearch/policy_options.hpp"
#include "facesearch/progress.hpp"
#include "facesearch/service/collections.hpp"
#include "facesearch/service/merge.hpp"
#include "facesearch/service/migrate.hpp"

namespace facesearch::app {
namespace {

struct Options {
  std::string id;
  std::string pack = kDefaultPack;
  bool no_encryption = false;
  PolicyOptions policy;
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

Outcome run_create(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::to_json(service::create_collection(
      context, caller, options.id, options.pack, options.policy.over(Policy{}), !options.no_encryption))};
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

Outcome run_check(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {
      contract::collection_checked_json(options.id, service::check_collection(context, caller, options.id))};
}

Outcome run_compact(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  return {contract::collection_rewritten_json(options.id,
                                              service::compact_collection(context, caller, options.id))};
}

Outcome run_rekey(Invocation& invocation, const Options& options) {
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
        "name the pack and the photographs by --to PACK --photos DIR, or --confirm, or --revert"};
  }
}

Outcome run_migrate(Invocation& invocation, const MigrateOptions& options) {
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

Outcome run_repair(Invocation& invocation, const RepairOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  const RepairReport report =
      service::repair_collection(context, caller, options.id, options.to, options.dry_run);
  return {contract::collection_repaired_json(options.id, options.to, report, options.dry_run),
          report.whole() ? ExitStatus::kSuccess : ExitStatus::kSomeFailed};
}

Outcome run_merge(Invocation& invocation, service::MergeRequest request) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kAdmin));
  auto context = invocation.context();
  Progress progress("faces", invocation.options().quiet);
  request.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  return {contract::to_json(service::merge_collections(context, caller, request))};
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

void add_migrate(CLI::App& collection, Selection& selection) {
  CLI::App* command = collection.add_subcommand("migrate", "Move to another model pack, by the photographs");
  auto options = std::make_shared<MigrateOptions>();
  command->add_option("id", options->id, "The collection's id")->required()->type_name("ID");
  command->add_option("--to", options->pack, "The model pack that it moves to")->type_name("PACK");
  command->add_option("--photos", options->photos, "The folder of the photographs")->type_name("DIR");
  command->add_flag("--allow-missing", options->allow_missing, "Leave out faces without a photograph");
  command->add_flag("--dry-run", options->dry_run, "Only say what would become of it");
  command->add_flag("--confirm", options->confirm, "Delete the former side for good");
  command->add_flag("--revert", options->revert, "Bring the former side back");
  command->callback([&selection, options] {
    selection = {Call::kManage,
                 [options](Invocation& invocation) { return run_migrate(invocation, *options); }};
  });
}

void add_repair(CLI::App& collection, Selection& selection) {
  CLI::App* command =
      collection.add_subcommand("repair", "Save what is whole of a damaged one in a new collection");
  auto options = std::make_shared<RepairOptions>();
  command->add_option("id", options->id, "The damaged collection's id; it stays as it is")
      ->required()
      ->type_name("ID");
  command->add_option("--to", options->to, "The new collection's id")->required()->type_name("ID");
  command->add_flag("--dry-run", options->dry_run, "Only say what would be saved");
  command->callback([&selection, options] {
    selection = {Call::kManage,
                 [options](Invocation& invocation) { return run_repair(invocation, *options); }};
  });
}

void add_merge(CLI::App& collection, Selection& selection) {
  CLI::App* command = collection.add_subcommand("merge", "Make a new one of all faces of others");
  auto request = std::make_shared<service::MergeRequest>();
  command->add_option("id", request->collections, "The collections' ids; they stay as they are")
      ->required()
      ->type_name("ID");
  command->add_option("--to", request->to, "The new collection's id")->required()->type_name("ID");
  command->callback([&selection, request] {
    selection = {Call::kManage,
                 [request](Invocation& invocation) { return run_merge(invocation, *request); }};
  });
}

}  // namespace

void add_collection(CLI::App& program, Selection& selection) {
  CLI::App* collection = program.add_subcommand(
      "collection", "Make, list, change, merge, move, check, repair, delete collections");
  collection->require_subcommand(1);

  CLI::App* create = collection->add_subcommand("create", "Make a collection");
  const auto created = add(create, selection, run_create, true);
  create->add_option("--pack", created->pack, "The model pack")->type_name("NAME");
  create->add_flag("--no-encryption", created->no_encryption, "Do not encrypt it: for encrypted disks");
  created->policy.add_to(*create);

  add(collection->add_subcommand("list", "List the collections this key may use"), selection, run_list,
      false);
  add(collection->add_subcommand("show", "Show one collection and its policy"), selection, run_show, true);

  CLI::App* update = collection->add_subcommand("update", "Change the policy; what is not named stays");
  add(update, selection, run_update, true)->policy.add_to(*update);

  add_migrate(*collection, selection);
  add_merge(*collection, selection);

  add(collection->add_subcommand("check", "Read all of a collection and say whether it is whole"), selection,
      run_check, true);
  add_repair(*collection, selection);
  add(collection->add_subcommand("compact", "Write it anew, without what was deleted"), selection,
      run_compact, true);
  add(collection->add_subcommand("rekey", "Write it anew, under a new encryption key"), selection, run_rekey,
      true);

  add(collection->add_subcommand("delete", "Delete a collection and all its faces"), selection, run_delete,
      true);
}

}  // namespace facesearch::app
