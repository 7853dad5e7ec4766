// SPDX-License-Identifier: MIT
#include <filesystem>
#include <optional>
#include <vector>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_machine.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/key_file.hpp"
#include "facesearch/service/keys.hpp"
#include "facesearch/store/lmdb_store.hpp"

namespace facesearch::app {
namespace {

Outcome run_init(Invocation& invocation) {
  const auto folder = invocation.store_folder();
  const auto key = service::make_key("init", service::kAnyScope, {}, std::nullopt, now());
  std::filesystem::path file;
  // The key is in its file before there is a store: one that nobody has a key to could never be used.
  const auto store = create_lmdb_store(folder, invocation.store_options(), [&](const Uuid& id) {
    file = Invocation::default_key_file(id);
    write_key_file(file, key.key);
    return std::vector{key.record};
  });
  return {contract::initialised_json(std::filesystem::absolute(folder).string(), store->id(), key.record.id,
                                     file.string())};
}

}  // namespace

void add_init(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("init", "Make a store and its first API key");
  command->callback([&selection] { selection = {Call::kManage, run_init}; });
}

}  // namespace facesearch::app
