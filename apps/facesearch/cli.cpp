// SPDX-License-Identifier: MIT
#include "facesearch/cli.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/output.hpp"

namespace facesearch::app {
namespace {

void add_globals(CLI::App& program, GlobalOptions& options) {
  program.set_version_flag("--version", "facesearch " FACESEARCH_VERSION);
  program.add_option("--store", options.store, "The store (FACESEARCH_STORE, else the XDG data folder)")
      ->type_name("DIR");
  program
      .add_option("--api-key-file", options.api_key_file,
                  "The API key (FACESEARCH_API_KEY, else what init wrote)")
      ->type_name("FILE");
  program
      .add_option("--models", options.models,
                  "Model packs or their files (FACESEARCH_MODELS, else the built-in)")
      ->type_name("DIR");
  program.add_option("--lock-timeout", options.lock_timeout_s, "Seconds to wait for a busy store (10)")
      ->check(CLI::Range(0.0, 86'400.0).description(""))
      ->type_name("S");
  program.add_flag("--quiet", options.quiet, "No words on standard error");
}

void let_globals_follow(CLI::App& app) {
  app.fallthrough();
  for (CLI::App* command : app.get_subcommands({})) let_globals_follow(*command);
}

/// Says on standard error what the document on standard output says to programs.
ExitStatus report(const Selection& selection, const Error& error, const GlobalOptions& options) {
  const Documented pair = documented(selection.call, error.cause());
  if (!options.quiet) {
    tell(fmt::format("facesearch: {}", error.detail().empty() ? std::string(pair.message) : error.detail()));
  }
  return write_document(contract::error_json(selection.call, error)) ? pair.status : ExitStatus::kStore;
}

/// The one place where an error of the library ends.
ExitStatus execute(const Selection& selection, const GlobalOptions& options) {
  try {
    Invocation invocation(options);
    const Outcome outcome = selection.action(invocation);
    if (write_document(outcome.document)) return outcome.status;
    throw Error(Cause::kFileSystem, "OUTPUT_FAILED", "the answer cannot be written to standard output");
  } catch (const Error& error) {
    return report(selection, error, options);
  } catch (const UsageError& error) {
    tell(fmt::format("facesearch: {}\nMore with --help.", error.text));
    return ExitStatus::kUsage;
  } catch (const std::bad_alloc&) {
    return report(selection, Error(Cause::kInternal, "OUT_OF_MEMORY", "there is not enough memory for this"),
                  options);
  } catch (const std::exception& error) {
    return report(
        selection,
        Error(Cause::kInternal, "INTERNAL", fmt::format("a fault of the program: {}", error.what())),
        options);
  }
}

int refuse_usage(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = program.remaining(true);
  tell(unknown.empty() ? fmt::format("facesearch: {}", error.what())
                       : fmt::format("facesearch: there is no command or option '{}' here", unknown.front()));
  const std::string help = program.help();
  const std::size_t usage = help.find("Usage:");
  tell(help.substr(usage, help.find('\n', usage) - usage) + "\nMore with --help.");
  return static_cast<int>(ExitStatus::kUsage);
}

int parse_and_execute(int argc, char** argv) {
  CLI::App program("Whose face is this? 1:N face search: offline, exact, private.", "facesearch");
  GlobalOptions options;
  Selection selection;
  add_globals(program, options);
  program.require_subcommand(1);
  for (const auto add : kCommands) add(program, selection);
  let_globals_follow(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return program.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return refuse_usage(program, error);
  }
  return static_cast<int>(execute(selection, options));
}

}  // namespace

int run(int argc, char** argv) noexcept {
  // A reader that went away and a limit on file sizes are failed writes, not deaths by signal; an
  // interruption has a status of its own.
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);
  (void)std::signal(SIGINT, [](int) { ::_exit(static_cast<int>(ExitStatus::kInterrupted)); });
  try {
    return parse_and_execute(argc, argv);
  } catch (...) {
    tell("facesearch: a fault of the program");
    return static_cast<int>(ExitStatus::kInternal);
  }
}

}  // namespace facesearch::app
