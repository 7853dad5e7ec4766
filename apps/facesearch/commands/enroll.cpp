// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enroll.hpp"

#include <memory>

#include "facesearch/batch/batch.hpp"
#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/key_check.hpp"
#include "facesearch/options/request_options.hpp"

namespace facesearch::app {
namespace {

struct EnrollOptions {
  explicit EnrollOptions(CLI::App& command) : request(command) {
    request.document();
    request.member("--collection", "collectionId", "The collection to add to");
    request.member("--name", "userName", "The person's name");
    request.picture("--image");
    request.given_template();
    request.member("--person", "metaFaceId", "Add one more face to this person (a metaFaceId)");
    request.metadata();
    request.member("--faces", "faces", "all: enrol every face of a picture, strangers as unknown-N (one)");
    request.flag("--join", "join", "With --faces all: add a face to the person whom it matches");
    batch.add_to(command, true);
  }

  RequestOptions request;
  BatchOptions batch;
};

Outcome run_enroll_many(Invocation& invocation, const service::Caller& caller, const EnrollOptions& options) {
  const contract::RawRequest base = options.request.read_for_batch();
  BatchInputs inputs(options.batch, base, "userName");
  const auto work = batch_work(invocation, inputs, options.batch);
  if (options.batch.one_person_per_name && options.request.text("faces") == "all")
    throw UsageError{"--one-person-per-name is for one face a picture; with --faces all, give --join"};
  const service::BatchEnrollOptions rules{options.batch.one_person_per_name};
  const std::string collection = contract::read_collection_id(base);
  Store& store = invocation.store();
  KeyCheck key_check(invocation, service::scope_bit(Scope::kEnroll));
  service::require_batch(store, caller, {collection});
  return run_batch(inputs, Call::kEnroll, invocation.options(), [&](BatchOutput& output) {
    service::enroll_batch(
        store, caller, collection, work, rules,
        [&]() -> std::optional<service::BatchInput<service::EnrollRequest>> {
          auto item = key_check.checked(inputs.next());
          if (!item) return std::nullopt;
          std::string input = item->input;
          return service::BatchInput<service::EnrollRequest>{
              std::move(input), [item = *std::move(item), &inputs]() mutable {
                return contract::read_enroll(inputs.read(std::move(item)));
              }};
        },
        [&](const auto& answers) { output.answer(answers); });
  });
}

Outcome run_enroll(Invocation& invocation, const EnrollOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kEnroll));
  if (options.batch.given()) return run_enroll_many(invocation, caller, options);
  const auto request = contract::read_enroll(options.request.read());
  auto context = invocation.context();
  return {contract::to_json(service::enroll(context, caller, request))};
}

}  // namespace

void add_enroll(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("enroll", "Add faces to a collection, from one picture or many");
  auto options = std::make_shared<EnrollOptions>(*command);
  set_action(command, selection, Call::kEnroll, options, run_enroll);
}

}  // namespace facesearch::app
