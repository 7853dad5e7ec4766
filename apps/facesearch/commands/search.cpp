// SPDX-License-Identifier: MIT
#include "facesearch/service/search.hpp"

#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_request.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/request_options.hpp"

namespace facesearch::app {
namespace {

struct Options {
  explicit Options(CLI::App& command) : request(command) {
    request.member("--collection", "collectionId", "The collection to search");
    request.member("--name", "requestName", "A label for this request, answered as it came");
    request.picture("--image");
    request.given_template();
    command.add_option("--limit", limit, "At most so many candidates (100)")->type_name("N");
    command.add_flag("--fail-if-none", fail_if_none, "Exit with 1 if nobody matches");
  }

  RequestOptions request;
  std::optional<double> limit;
  bool fail_if_none = false;
};

Outcome run_search(Invocation& invocation, const Options& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  contract::RawRequest raw = options.request.read();
  if (options.limit) raw.members["limit"] = *options.limit;
  const auto request = contract::read_search(std::move(raw));
  auto context = invocation.context();
  const auto result = service::search(context, caller, request);
  const bool none = result.matches_total == 0 && options.fail_if_none;
  return {contract::to_json(result), none ? ExitStatus::kNo : ExitStatus::kSuccess};
}

}  // namespace

void add_search(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("search", "Find whose face a picture shows");
  auto options = std::make_shared<Options>(*command);
  command->callback([&selection, options] {
    selection = {Call::kSearch,
                 [options](Invocation& invocation) { return run_search(invocation, *options); }};
  });
}

}  // namespace facesearch::app
