// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/detect.hpp"

#include <memory>

#include "facesearch/annotate/annotation.hpp"
#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/invocation.hpp"

namespace facesearch::app {
namespace {

struct DetectOptions {
  std::string picture;
  std::string pack = kDefaultPack;
  Annotation annotation;
};

Outcome run_detect(Invocation& invocation, const DetectOptions& options) {
  options.annotation.require_name({options.picture});
  options.annotation.require_writable();
  const auto picture = read_input(options.picture, kMaxRequestBytes);
  const auto result = service::detect(invocation.engines(), options.pack, picture);
  if (options.annotation.given()) options.annotation.write({{picture, marks_of(result)}});
  return {contract::to_json(result)};
}

}  // namespace

void add_detect(CLI::App& program, Selection& selection) {
  CLI::App* command = program.add_subcommand("detect", "Show every face of a picture");
  auto options = std::make_shared<DetectOptions>();
  command->add_option("picture", options->picture, "A file, or - for standard input")
      ->required()
      ->type_name("FILE");
  command->add_option("--pack", options->pack, "The model pack")->type_name("NAME");
  options->annotation.add_to(*command);
  set_action(command, selection, Call::kDetect, options, run_detect);
}

}  // namespace facesearch::app
