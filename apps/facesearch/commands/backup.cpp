// SPDX-License-Identifier: MIT
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/output/progress.hpp"

namespace facesearch::app {
namespace {

struct BackupOptions {
  std::string file;
  std::vector<std::string> collections;
  std::string as;
  std::string backup_key_file;
  bool list = false;
};

// Shows the progress of the present step.
BackupProgress shown_by(Progress& progress) {
  return [&progress, before = std::string()](std::string_view step, std::uint64_t done,
                                             std::uint64_t total) mutable {
    if (before != step) progress.begin(before = step);
    progress.show(done, total);
  };
}

Outcome run_backup(Invocation& invocation, const BackupOptions& options) {
  invocation.require_admin();
  Progress progress(Progress::kBytes, invocation.options().quiet);
  return {contract::backup_json(options.file, invocation.store().backups().write(
                                                  {options.file, options.collections, shown_by(progress)}))};
}

bool has_store(Invocation& invocation) {
  try {
    invocation.store();
    return true;
  } catch (const Error& error) {
    if (error.cause() != Cause::kNoStore) throw;
    return false;
  }
}

Outcome run_restore(Invocation& invocation, const BackupOptions& options) {
  if (!options.as.empty() && options.collections.size() != 1) {
    throw UsageError{"--as renames one collection; name it with --collection"};
  }
  const StoreOptions with = invocation.store_options();
  Progress progress(Progress::kBytes, invocation.options().quiet);
  RestoreRequest request{options.file, options.collections, std::nullopt, std::nullopt, shown_by(progress)};
  if (!options.as.empty()) request.as = options.as;
  if (!options.backup_key_file.empty()) {
    request.backup_key = with.master_key;
    request.backup_key->file = [&options](const Uuid&) { return options.backup_key_file; };
  }
  if (options.list) {
    const auto& key = request.backup_key ? request.backup_key : with.master_key;
    return {contract::backup_json(options.file, list_backup(options.file, key, request.progress))};
  }
  if (has_store(invocation)) {
    invocation.require_admin();
    return {contract::backup_json(options.file, invocation.store().backups().restore(request))};
  }
  const BackupReport report = rebuild_lmdb_store(invocation.store_folder(), with, request);
  if (!invocation.options().quiet) {
    progress.clear();
    tell(fmt::format(
        "facesearch: the store is made again in {}, with the API keys that it had; those that were "
        "revoked since the backup are valid again",
        std::filesystem::absolute(invocation.store_folder()).string()));
  }
  return {contract::backup_json(options.file, report)};
}

CLI::Option* add_file(CLI::App* command, const char* name, std::string& file, const char* what) {
  return command->add_option(name, file, what)->check(not_empty())->type_name("FILE");
}

CLI::Option* add_collections(CLI::App* command, std::vector<std::string>& ids) {
  return command->add_option("--collection", ids, "Only these collections, separated by commas (all)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("ID");
}

}  // namespace

void add_backup(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("backup", "Write the store, or some of its collections, to one file");
  const auto options = add_action(command, selection, run_backup);
  add_file(command, "--to", options->file, "The new file; it must not exist")->required();
  add_collections(command, options->collections);
}

void add_restore(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("restore", "Restore collections, or the whole store, from a backup");
  const auto options = add_action(command, selection, run_restore);
  add_file(command, "--from", options->file, "The backup")->required();
  CLI::Option* collections = add_collections(command, options->collections);
  CLI::Option* as =
      command->add_option("--as", options->as, "A new id for the one collection")->type_name("ID");
  as->check(not_empty());
  add_file(command, "--backup-key-file", options->backup_key_file,
           "The master key of then, where that is another one by now");
  command->add_flag("--list", options->list, "Only verify the backup and list its content")
      ->excludes(collections)
      ->excludes(as);
}

}  // namespace facesearch::app
