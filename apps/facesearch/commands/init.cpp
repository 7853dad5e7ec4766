// SPDX-License-Identifier: MIT
#include <filesystem>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/key_file.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/service/access/keys.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"

namespace facesearch::app {
namespace {

Outcome run_init(Invocation& invocation) {
  const auto folder = invocation.store_folder();
  const auto key = service::make_key("init", service::kAnyScope, {}, std::nullopt, now());
  StoreOptions options = invocation.store_options();
  // Read before anything is created, so that an error leaves nothing behind.
  options.master_key->passphrase = [given = options.master_key->passphrase()] { return given; };
  std::filesystem::path file;
  // Write the keys first: a store without its keys could never be used.
  const auto store = create_lmdb_store(folder, options, [&](const Uuid& id) {
    file = Invocation::default_key_file(id);
    write_key_file(file, key.key);
    return std::vector{key.record};
  });
  const auto master_key = invocation.master_key_file(store->id()).string();
  if (!invocation.options().quiet) {
    tell(fmt::format(
        "facesearch: the master key is in {}. Without that file nobody can read the faces, nor any backup of "
        "them: keep a copy of it, and not beside the backups.",
        master_key));
  }
  return {contract::initialised_json(std::filesystem::absolute(folder).string(), store->id(), key.record.id,
                                     file.string(), master_key)};
}

}  // namespace

void add_init(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("init", "Create a store, its master key and its first API key");
  command->callback([&selection] { selection = {Call::kManage, run_init}; });
}

}  // namespace facesearch::app
