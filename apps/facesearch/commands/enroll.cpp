// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll.hpp"

#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_request.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/request_options.hpp"

namespace facesearch::app {
namespace {

Outcome run_enroll(Invocation& invocation, const RequestOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kEnroll));
  const auto request = contract::read_enroll(options.read());
  auto context = invocation.context();
  return {contract::to_json(service::enroll(context, caller, request))};
}

}  // namespace

void add_enroll(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("enroll", "Add the face of a picture to a collection");
  auto options = std::make_shared<RequestOptions>(*command);
  options->member("--collection", "collectionId", "The collection to add to");
  options->member("--name", "userName", "The person's name");
  options->picture("--image");
  options->given_template();
  options->member("--person", "metaFaceId", "Add one more face to this person (a metaFaceId)");
  options->metadata();
  command->callback([&selection, options] {
    selection = {Call::kEnroll,
                 [options](Invocation& invocation) { return run_enroll(invocation, *options); }};
  });
}

}  // namespace facesearch::app
