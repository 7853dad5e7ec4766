// SPDX-License-Identifier: MIT
#include "facesearch/service/search/search.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "facesearch/annotate/annotation.hpp"
#include "facesearch/batch/batch.hpp"
#include "facesearch/batch/shard_merge.hpp"
#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/key_check.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/options/request_options.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::app {
namespace {

struct SearchOptions {
  explicit SearchOptions(CLI::App& command) : app(command), request(command) {
    request.document();
    request.searched_collections();
    request.member("--name", "requestName", "A label for this request, returned in the answer");
    request.picture("--image");
    request.given_template();
    command.add_option("--limit", limit, "Most candidates to return (100)")->check(number())->type_name("N");
    request.member("--faces", "faces", "all: search every face of a picture (one)");
    command
        .add_option("--kernel", kernel,
                    "scalar, avx2, avx-vnni, vnni or amx; the results are the same (the fastest)")
        ->type_name("NAME");
    annotation.add_to(command);
    batch.add_to(command, false);
    command.add_flag("--mergeable", mergeable, "Add the members that --merge needs");
    command.add_option("--merge", merge, "Merge the answers of several shards, one file each")
        ->check(no_option())
        ->type_name("FILE");
    command.add_flag("--fail-if-none", fail_if_none, "Exit with 1 if nobody matches");
  }

  // True if an option is given that --merge ignores.
  bool names_search() const {
    const std::array<std::string_view, 3> used{"merge", "mergeable", "fail-if-none"};
    return std::ranges::any_of(app.get_options(), [&](const CLI::Option* option) {
      return option->count() > 0 && std::ranges::find(used, option->get_single_name()) == used.end();
    });
  }

  const CLI::App& app;
  RequestOptions request;
  Annotation annotation;
  BatchOptions batch;
  std::optional<double> limit;
  std::optional<std::string> kernel;
  bool mergeable = false;
  std::vector<std::string> merge;
  bool fail_if_none = false;
};

Kernel kernel_of(const std::string& name) {
  const auto kernel = kernel_named(name);
  if (kernel && is_available(*kernel)) return *kernel;
  std::string names;
  for (const Kernel each : all_kernels()) {
    if (is_available(each)) names += (names.empty() ? "" : ", ") + std::string(name_of(each));
  }
  throw Error(Cause::kInvalidValue, "KERNEL_UNAVAILABLE",
              fmt::format("this machine has no kernel '{}'; it has {}", name, names));
}

Outcome run_search_many(Invocation& invocation, const service::Caller& caller, const SearchOptions& options) {
  if (options.fail_if_none)
    throw UsageError{"--fail-if-none is for one search; the summary of a batch counts 'nobody'"};
  contract::RawRequest base = options.request.read_for_batch();
  if (options.limit) base.members["limit"] = *options.limit;
  BatchInputs inputs(options.batch, base, "requestName");
  auto work = batch_work(invocation, inputs, options.batch);
  if (options.kernel) work.kernel = kernel_of(*options.kernel);
  const std::vector<std::string> collections = contract::read_collection_ids(base);
  Store& store = invocation.store();
  KeyCheck key_check(invocation, service::scope_bit(Scope::kSearch));
  service::require_batch(store, caller, collections);
  return run_batch(inputs, Call::kSearch, invocation.options(), [&](BatchOutput& output) {
    service::search_batch(
        store, caller, collections, work,
        [&]() -> std::optional<service::BatchInput<service::SearchRequest>> {
          auto item = key_check.checked(inputs.next());
          if (!item) return std::nullopt;
          std::string input = item->input;
          return service::BatchInput<service::SearchRequest>{
              std::move(input), [item = *std::move(item), &inputs, &options]() mutable {
                auto request = contract::read_search(inputs.read(std::move(item)));
                request.mergeable = options.mergeable;
                return request;
              }};
        },
        [&](const auto& answers) { output.answer(answers); });
  });
}

service::SearchResult search_and_draw(service::Context& context, const service::Caller& caller,
                                      const service::SearchRequest& request, const Annotation& annotation) {
  if (!annotation.given()) return service::search(context, caller, request);
  const auto pictures = shown_pictures({&request.probe, 1});
  auto result = annotation.drawn_if_refused(
      pictures, context.engines, [&] { return service::search(context, caller, request); },
      [&] {
        return service::open_gallery(context.store, caller, request.collection_id)->record().binding.pack;
      });
  std::vector<AnnotatedPicture> annotated;
  annotated.reserve(pictures.size());
  for (const auto picture : pictures) annotated.push_back({picture, marks_of(result)});
  annotation.write(std::move(annotated));
  return result;
}

Outcome run_search(Invocation& invocation, const SearchOptions& options) {
  if (!options.merge.empty()) {
    if (options.names_search())
      throw UsageError{"--merge only merges answers; give no search options with it"};
    return merge_shards({options.merge, options.mergeable, options.fail_if_none, invocation.options()});
  }
  if (options.annotation.given() && options.batch.given())
    throw UsageError{"--annotate is for one picture; search each that is to be drawn with --image"};
  options.annotation.require_name(options.request.files());
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  options.annotation.require_writable();
  if (options.batch.given()) return run_search_many(invocation, caller, options);
  contract::RawRequest raw = options.request.read();
  if (options.limit) raw.members["limit"] = *options.limit;
  auto request = contract::read_search(std::move(raw));
  request.mergeable = options.mergeable;
  auto context = invocation.context();
  if (options.kernel) context.scan.kernel = kernel_of(*options.kernel);
  if (options.batch.threads > 0) context.scan.threads = options.batch.threads;
  const auto result = search_and_draw(context, caller, request, options.annotation);
  const bool none = result.found_nobody() && options.fail_if_none;
  return {contract::to_json(result), none ? ExitStatus::kNo : ExitStatus::kSuccess};
}

}  // namespace

void add_search(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("search", "Find whose face a picture shows, one or many");
  auto options = std::make_shared<SearchOptions>(*command);
  set_action(command, selection, Call::kSearch, options, run_search);
}

}  // namespace facesearch::app
