// SPDX-License-Identifier: MIT
// Parses the command line, runs the chosen command, writes its document and maps its errors to an exit
// status. No other file ends the program on an error.
#include "facesearch/cli.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/fatal_signals.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/nearest_word.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/output/key_mask.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/output/presentation.hpp"

namespace facesearch::app {
namespace {

void add_globals(CLI::App& program, GlobalOptions& options) {
  program.set_version_flag("--version", "facesearch " FACESEARCH_VERSION);
  program.add_option("--store", options.store, "The store (FACESEARCH_STORE, else the XDG data folder)")
      ->check(not_empty())
      ->type_name("DIR");
  program
      .add_option("--api-key-file", options.api_key_file,
                  "The API key (FACESEARCH_API_KEY, else what init wrote)")
      ->check(not_empty())
      ->type_name("FILE");
  program
      .add_option("--models", options.models,
                  "Model packs or network files (FACESEARCH_MODELS, else built-in)")
      ->check(not_empty())
      ->type_name("DIR");
  program
      .add_option("--master-key-file", options.master_key_file,
                  "The store's master key (FACESEARCH_MASTER_KEY_FILE, else what init wrote)")
      ->check(not_empty())
      ->type_name("FILE");
  program
      .add_option("--passphrase-file", options.passphrase_file,
                  "The passphrase of the master key (FACESEARCH_PASSPHRASE_FILE)")
      ->check(not_empty())
      ->type_name("FILE");
  program.add_option("--lock-timeout", options.lock_timeout_s, "Seconds to wait for a busy store (10)")
      ->check(number(0, 86'400, "seconds"))
      ->type_name("S");
  program.add_flag("--allow-network-store", options.allow_network_store,
                   "Use a store on a network file system (FACESEARCH_ALLOW_NETWORK_STORE=1)");
  program
      .add_option("--output", options.output,
                  "json: one line; table: for people (on a terminal: indented JSON)")
      ->check(one_of({"json", "table"}))
      ->type_name("FORM");
  program.add_flag("--quiet", options.quiet, "Write no messages to standard error");
}

void let_globals_follow(CLI::App& app) {
  app.fallthrough();
  for (CLI::App* command : app.get_subcommands({})) let_globals_follow(*command);
}

/// Writes the error document to standard output and the detail to standard error.
ExitStatus report(const Selection& selection, const Error& error, const GlobalOptions& options) {
  const Documented pair = documented(selection.call, error.cause());
  const Error shown(error.cause(), error.reason(), without_keys(error.detail()));
  if (!options.quiet) {
    tell(fmt::format("facesearch: {}", printable(shown.detail().empty() ? pair.message : shown.detail())));
  }
  const Outcome outcome{contract::error_json(selection.call, shown), pair.status};
  return write_document(presented(outcome, style_of(options.output))) ? pair.status : ExitStatus::kStore;
}

/// The only place that catches an error of the library for good.
ExitStatus execute(const Selection& selection, const GlobalOptions& options) {
  answer_fatal_ends(selection.call, options.quiet);
  try {
    Invocation invocation(options);
    const Outcome outcome = selection.action(invocation);
    if (write_document(presented(outcome, style_of(options.output)))) return outcome.status;
    throw Error(Cause::kFileSystem, "OUTPUT_FAILED", "the answer cannot be written to standard output");
  } catch (const Error& error) {
    return report(selection, error, options);
  } catch (const UsageError& error) {
    tell(fmt::format("facesearch: {}\nMore with --help.", printable(error.text)));
    return ExitStatus::kUsage;
  } catch (const std::bad_alloc&) {
    return report(selection, Error(Cause::kInternal, "INTERNAL", "there is not enough memory for this"),
                  options);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(selection, Error(Cause::kFileSystem, "FILE_ERROR", error.code().message()), options);
  } catch (const std::exception& error) {
    return report(
        selection,
        Error(Cause::kInternal, "INTERNAL", fmt::format("a fault of the program: {}", error.what())),
        options);
  }
}

/// The command that was named, as far as it is known: `facesearch face` of `facesearch face lsit`.
const CLI::App& named_command(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return *command;
}

std::string suggestion(std::string_view typed, const std::vector<std::string>& words) {
  const std::string nearest = nearest_word(typed, words);
  return nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest);
}

std::string unknown_option(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> options;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& longer : option->get_lnames()) options.push_back("--" + longer);
    }
  }
  return fmt::format("unknown option '{}'{}", name, suggestion(name, options));
}

std::string unknown_command(const CLI::App& command, const std::string& word,
                            const std::vector<std::string>& commands) {
  const std::string nearest = suggestion(word, commands);
  if (!nearest.empty() || command.get_parent() == nullptr)
    return fmt::format("unknown command '{}'{}", word, nearest);
  // The word may be a name, so it is not shown.
  return fmt::format("'{}' has no such command; it has {}", command.get_name(), fmt::join(commands, ", "));
}

/// What is wrong with the command line. Does not echo an unexpected argument where it may be part of a
/// person's name.
std::string describe(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = program.remaining(true);
  const CLI::App& command = named_command(program);
  if (unknown.empty()) return error.what();
  const std::string& word = unknown.front();
  if (word.starts_with("-")) return unknown_option(command, word);
  std::vector<std::string> commands;
  for (const CLI::App* each : command.get_subcommands({})) commands.push_back(each->get_name());
  if (!commands.empty()) return unknown_command(command, word, commands);
  return "there is an unexpected argument; put quotes around a value that has spaces";
}

int refuse_usage(const CLI::App& program, const CLI::ParseError& error) {
  tell(fmt::format("facesearch: {}", printable(without_keys(describe(program, error)))));
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
  } catch (const CLI::CallForHelp& help) {
    // Help for what is not there would look like an answer.
    return program.remaining(true).empty() ? program.exit(help) : refuse_usage(program, help);
  } catch (const CLI::Success& version) {
    return program.exit(version);
  } catch (const CLI::ParseError& error) {
    return refuse_usage(program, error);
  }
  return static_cast<int>(execute(selection, options));
}

/// Opens /dev/null for each standard stream that is closed. Otherwise a file of the store could get the
/// number of a standard stream, and messages would be written into it.
void fill_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) == -1 && ::open("/dev/null", O_RDONLY) != stream)
      ::_exit(static_cast<int>(ExitStatus::kInternal));
  }
}

/// Raises the soft limit on open files (1,024 in most shells): a search of many collections opens several
/// files of each.
void allow_many_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &files);
}

/// Keeps freed memory for the next network or picture. A third of a one-shot search's page faults were on
/// memory that had been returned and requested again (perf stat -e minor-faults). Blocks above
/// M_MMAP_THRESHOLD, which glibc limits to 32 MiB, are still returned at once.
void keep_freed_memory() {
  constexpr int kMiB = 1 << 20;
  (void)::mallopt(M_MMAP_THRESHOLD, 32 * kMiB);
  (void)::mallopt(M_TRIM_THRESHOLD, 128 * kMiB);
}

}  // namespace

int run(int argc, char** argv) noexcept {
  fill_standard_streams();
  allow_many_files();
  keep_freed_memory();
  // A closed pipe and a limit on file sizes are failed writes, not signals. An interruption has its own exit
  // status.
  (void)std::signal(SIGPIPE, SIG_IGN);
  (void)std::signal(SIGXFSZ, SIG_IGN);
  for (const int end : {SIGINT, SIGTERM}) {
    (void)std::signal(end, [](int) { ::_exit(static_cast<int>(ExitStatus::kInterrupted)); });
  }
  try {
    return parse_and_execute(argc, argv);
  } catch (const std::bad_alloc&) {
    return static_cast<int>(answer_no_memory());
  } catch (...) {
    tell("facesearch: a fault of the program");
  }
  return static_cast<int>(ExitStatus::kInternal);
}

}  // namespace facesearch::app
