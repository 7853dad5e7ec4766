// SPDX-License-Identifier: MIT
#include <filesystem>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "facesearch/batch/batch.hpp"
#include "facesearch/batch/batch_item.hpp"
#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/key_check.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/options/request_options.hpp"
#include "facesearch/stop.hpp"
#include "facesearch/watch/folder_watch.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

struct WatchOptions {
  WatchOptions(CLI::App& command, bool enrols) : request(command) {
    command.add_option("DIR", folder, "The folder, with all folders below")->required()->type_name("");
    if (enrols) {
      request.member("--collection", "collectionId", "The collection to add to");
      request.member("--name", "userName", "The person's name, for all pictures");
      request.member("--person", "metaFaceId", "Add all faces to this person (a metaFaceId)");
      request.metadata();
      command.add_flag("--one-person-per-name", one_person_per_name,
                       "Pictures with the same name are of one person");
    } else {
      request.searched_collections();
      request.member("--name", "requestName", "A label for all searches (default: the file's name)");
      command.add_option("--limit", limit, "Most candidates to return (100)")
          ->check(number())
          ->type_name("N");
    }
    command
        .add_option("--name-from", name_from,
                    "Name from the path: '{parent}', '{stem}', or an RE2 expression with groups")
        ->check(not_empty())
        ->type_name("RULE");
    rules.add_to(command);
    command.add_option("--state", state, "File with what was answered, for the next start")
        ->type_name("FILE");
    command.add_option("--threads", threads, "Threads (one a processor that this process may use)")
        ->check(whole_number(1, 1024))
        ->type_name("N");
  }

  RequestOptions request;
  std::string folder;
  std::string name_from;
  bool one_person_per_name = false;
  InputRules rules;
  std::string state;
  unsigned threads = 0;
  std::optional<double> limit;
};

/// The memory of a watch. A state file inside the watched folder is refused: it would be one of the inputs.
WatchMemory memory_of(const WatchOptions& options, std::string_view verb,
                      const std::vector<std::string>& collections) {
  if (options.state.empty()) return {};
  std::error_code failed;
  const fs::path folder = fs::canonical(options.folder, failed);
  if (failed) return {};  // FolderWatch throws the error
  const fs::path file = fs::weakly_canonical(fs::absolute(options.state));
  const auto below = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  if (below.first == folder.end()) {
    throw UsageError{"--state is inside the watched folder; put it elsewhere"};
  }
  return {file, fmt::format("{}\n{}\n{}", verb, fmt::join(collections, "\n"), folder.native())};
}

/// The files of a folder as the inputs of a batch without end; records which were answered.
class WatchedInputs {
 public:
  WatchedInputs(const WatchOptions& options, contract::RawRequest base, const std::string& name,
                std::string_view verb, const std::vector<std::string>& collections)
      : memory_(memory_of(options, verb, collections)),
        maker_(std::move(base), name, options.name_from),
        watch_(options.folder, options.rules, memory_, asked_to_stop) {}

  /// `read` turns a read input into a request.
  template <class Request>
  std::optional<service::BatchInput<Request>> next(Request (*read)(contract::RawRequest)) {
    auto found = watch_.next();
    if (!found) return std::nullopt;
    BatchItem item = !found->fault ? maker_.item_of_file(found->file.string()) : item_of_unreadable(*found);
    std::string input = item.input;
    return service::BatchInput<Request>{std::move(input), [this, read, item = std::move(item)]() mutable {
                                          const std::string file = item.file;
                                          auto raw = read_item(std::move(item));
                                          require_unchanged(file);
                                          return read(std::move(raw));
                                        }};
  }

  /// Writes the answers, then records them. Inputs to retry (busy store, changed file) are written nowhere.
  template <class Result>
  void answer(BatchOutput& output, std::vector<service::BatchAnswer<Result>> answers) {
    std::erase_if(answers, [this](const auto& answer) {
      const auto* error = std::get_if<Error>(&answer.outcome);
      return error != nullptr && takes_back(answer.input, *error);
    });
    output.answer(answers);
    std::vector<std::string> files;
    files.reserve(answers.size());
    for (auto& answer : answers) files.push_back(std::move(answer.input));
    watch_.answered(files);
  }

  void cancel() { watch_.cancel(); }
  PassedOver passed_over() const { return watch_.passed_over(); }

 private:
  void require_unchanged(const std::string& file) const {
    if (watch_.unchanged(file)) return;
    throw Error(Cause::kStoreBusy, "FILE_CHANGED", fmt::format("'{}' changed while it was read", file));
  }

  bool takes_back(const std::string& file, const Error& error) {
    if (error.cause() == Cause::kStoreBusy) {
      watch_.again(file);
    } else if (error.is(reason::kFileNotFound)) {
      watch_.gone(file);
    } else {
      return false;
    }
    return true;
  }

  WatchMemory memory_;
  ItemMaker maker_;
  FolderWatch watch_;
};

/// Runs `work` on the inputs until an interruption or an error that affects all of them.
template <class Work>
Outcome run_watch(Invocation& invocation, const WatchOptions& options, WatchedInputs& inputs, Call call,
                  Work&& work) {
  service::BatchWork how = batch_work(invocation, options.threads);
  how.cancel = [&inputs] { inputs.cancel(); };
  how.ordered = false;
  BatchOutput output(call, "watch", invocation.options());
  try {
    work(how, output);
  } catch (const Error& error) {
    return output.end(error, inputs.passed_over());
  }
  return output.end(std::nullopt, inputs.passed_over());
}

Outcome run_watch_enroll(Invocation& invocation, const WatchOptions& options) {
  const auto scope = service::scope_bit(Scope::kEnroll);
  const auto caller = invocation.authenticate(scope);
  KeyCheck key_check(invocation, scope);
  const contract::RawRequest base = options.request.read_for_batch();
  const std::string collection = contract::read_collection_id(base);
  service::require_batch(invocation.store(), caller, {collection});
  WatchedInputs inputs(options, base, "userName", "enroll", {collection});
  const service::BatchEnrollOptions rules{options.one_person_per_name};
  return run_watch(invocation, options, inputs, Call::kEnroll, [&](const auto& work, BatchOutput& output) {
    service::enroll_batch(
        invocation.store(), caller, collection, work, rules,
        [&] { return key_check.checked(inputs.next(contract::read_enroll)); },
        [&](auto answers) { inputs.answer(output, std::move(answers)); });
  });
}

Outcome run_watch_search(Invocation& invocation, const WatchOptions& options) {
  const auto scope = service::scope_bit(Scope::kSearch);
  const auto caller = invocation.authenticate(scope);
  KeyCheck key_check(invocation, scope);
  contract::RawRequest base = options.request.read_for_batch();
  if (options.limit) base.members["limit"] = *options.limit;
  const std::vector<std::string> collections = contract::read_collection_ids(base);
  service::require_batch(invocation.store(), caller, collections);
  WatchedInputs inputs(options, base, "requestName", "search", collections);
  return run_watch(invocation, options, inputs, Call::kSearch, [&](const auto& work, BatchOutput& output) {
    service::search_batch(
        invocation.store(), caller, collections, work,
        [&] { return key_check.checked(inputs.next(contract::read_search)); },
        [&](auto answers) { inputs.answer(output, std::move(answers)); });
  });
}

void add_verb(CLI::App& watch, const char* name, const char* help, Selection& selection, Call call,
              Outcome (*run)(Invocation&, const WatchOptions&)) {
  CLI::App* command = watch.add_subcommand(name, help);
  auto options = std::make_shared<WatchOptions>(*command, call == Call::kEnroll);
  set_action(command, selection, call, options, run);
}

}  // namespace

void add_watch(CLI::App& program, Selection& selection) {
  CLI::App* watch = program.add_subcommand("watch", "Enrol or search pictures as they appear in a folder");
  watch->require_subcommand(1);
  add_verb(*watch, "enroll", "Add the faces of pictures to a collection as they appear", selection,
           Call::kEnroll, run_watch_enroll);
  add_verb(*watch, "search", "Find whose faces pictures show as they appear", selection, Call::kSearch,
           run_watch_search);
}

}  // namespace facesearch::app
