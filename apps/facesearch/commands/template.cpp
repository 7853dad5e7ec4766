// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include <fmt/format.h>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/policy_options.hpp"
#include "facesearch/service/probe/extract.hpp"

namespace facesearch::app {
namespace {

struct ExtractOptions {
  std::string picture;
  std::string pack = kDefaultPack;
  PolicyOptions rules;
};

Outcome run_extract(Invocation& invocation, const ExtractOptions& options) {
  const auto picture = read_input(options.picture, kMaxRequestBytes);
  const Policy policy = options.rules.over({});
  return {contract::to_json(service::extract(invocation.engines(), options.pack, picture, policy))};
}

void add_extract(CLI::App& group, Selection& selection) {
  CLI::App* command = group.add_subcommand("extract", "Make the template of a picture's face");
  auto options = std::make_shared<ExtractOptions>();
  command
      ->add_option("--image", options->picture,
                   fmt::format("The picture ({}): a file, or - for standard input", format_names()))
      ->required()
      ->type_name("FILE");
  command->add_option("--pack", options->pack, "The model pack of the collections it is for (mini)")
      ->type_name("NAME");
  options->rules.add_picture_to(*command);
  set_action(command, selection, Call::kDetect, options, run_extract);
}

}  // namespace

void add_template(CLI::App& program, Selection& selection) {
  CLI::App* group = program.add_subcommand("template", "Templates that travel without their picture");
  group->require_subcommand(1);
  add_extract(*group, selection);
}

}  // namespace facesearch::app
