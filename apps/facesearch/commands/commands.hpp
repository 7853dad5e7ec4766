// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "facesearch/outcome.hpp"

namespace facesearch::app {

/// If the command line chooses `command`, runs `action` with the `options` that were parsed.
template <typename Options, typename Action>
void set_action(CLI::App* command, Selection& selection, Call call, std::shared_ptr<Options> options,
                Action action) {
  command->callback([&selection, call, options = std::move(options), action] {
    selection = {
        call, [options, action](Invocation& invocation) -> Outcome { return action(invocation, *options); }};
  });
}

/// The same for a management command with its own options, which it returns.
template <typename Options>
std::shared_ptr<Options> add_action(CLI::App* command, Selection& selection,
                                    Outcome (*action)(Invocation&, const Options&)) {
  auto options = std::make_shared<Options>();
  set_action(command, selection, Call::kManage, options, action);
  return options;
}

/// Each registers its command and options; the chosen command sets `selection`. Registering and parsing
/// access no file.
void add_init(CLI::App& program, Selection& selection);
void add_collection(CLI::App& program, Selection& selection);
void add_enroll(CLI::App& program, Selection& selection);
void add_search(CLI::App& program, Selection& selection);
void add_watch(CLI::App& program, Selection& selection);
void add_face(CLI::App& program, Selection& selection);
void add_person(CLI::App& program, Selection& selection);
void add_dedupe(CLI::App& program, Selection& selection);
void add_verify(CLI::App& program, Selection& selection);
void add_detect(CLI::App& program, Selection& selection);
void add_template(CLI::App& program, Selection& selection);
void add_calibrate(CLI::App& program, Selection& selection);
void add_models(CLI::App& program, Selection& selection);
void add_key(CLI::App& program, Selection& selection);
void add_backup(CLI::App& program, Selection& selection);
void add_restore(CLI::App& program, Selection& selection);
void add_doctor(CLI::App& program, Selection& selection);
void add_bench(CLI::App& program, Selection& selection);

/// The command table: a new command is one file and one row here.
inline constexpr std::array kCommands{add_init,     add_collection, add_enroll, add_search, add_watch,
                                      add_face,     add_person,     add_dedupe, add_verify, add_detect,
                                      add_template, add_calibrate,  add_models, add_key,    add_backup,
                                      add_restore,  add_doctor,     add_bench};

}  // namespace facesearch::app
