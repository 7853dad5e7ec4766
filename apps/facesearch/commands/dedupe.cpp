// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/dedupe.hpp"

#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/output/progress.hpp"

namespace facesearch::app {
namespace {

Outcome run_dedupe(Invocation& invocation, service::DedupeRequest request) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  Progress progress("pairs", invocation.options().quiet);
  request.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  auto context = invocation.context();
  return {contract::to_json(service::dedupe(context, caller, request))};
}

}  // namespace

void add_dedupe(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("dedupe", "Find faces of a collection that may be of the same person");
  auto request = std::make_shared<service::DedupeRequest>();
  command->add_option("--collection", request->collection_id, "The collection")->required()->type_name("ID");
  command
      ->add_option("--threshold", request->similarity,
                   "Lowest similarity, 0-100 (the collection's threshold)")
      ->check(number_to_100())
      ->type_name("S");
  CLI::Option* limit = command->add_option("--limit", request->limit, "Most pairs to list (1000)")
                           ->check(whole_number(1, service::kMostPairs))
                           ->type_name("N");
  command->add_flag("--clusters", request->clusters, "List groups of faces instead of pairs")
      ->excludes(limit);
  command->add_flag("--same-person", request->same_person, "Also compare the faces of one person");
  command->add_option("--threads", request->threads, "Threads (one a processor that this process may use)")
      ->check(whole_number(1, 1024))
      ->type_name("N");
  set_action(command, selection, Call::kManage, request, run_dedupe);
}

}  // namespace facesearch::app
