// SPDX-License-Identifier: MIT
#include "facesearch/service/verify.hpp"

#include <memory>
#include <optional>
#include <string>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_request.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/policy.hpp"
#include "facesearch/input.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/request_options.hpp"

namespace facesearch::app {
namespace {

struct Options {
  explicit Options(CLI::App& command) : request(command) {
    request.picture("a");
    command.add_option("b", b, "The other picture")->type_name("FILE");
    command.add_option("--similarity", similarity, "The threshold for two pictures, 0-100 (80)")
        ->type_name("N");
    command.add_option("--pack", pack, "The model pack for two pictures")->type_name("NAME");
    request.member("--collection", "collectionId", "Compare with a face of this collection");
    request.member("--face", "faceId", "... with this face");
    request.member("--person", "metaFaceId", "... or with this person's most similar face");
  }

  RequestOptions request;
  std::string b;
  std::string pack;
  std::optional<double> similarity;
};

Outcome answer(const service::VerifyResult& result) {
  return {contract::to_json(result), result.match ? ExitStatus::kSuccess : ExitStatus::kNo};
}

Outcome with_pictures(Invocation& invocation, const Options& options) {
  if (options.request.picture_file() == "-" && options.b == "-") {
    throw UsageError{"only one of the two pictures can come from standard input"};
  }
  const auto a = read_input(options.request.picture_file(), kMaxRequestBytes);
  const auto b = read_input(options.b, kMaxRequestBytes);
  const std::string pack = options.pack.empty() ? kDefaultPack : options.pack;
  const double similarity = options.similarity.value_or(Policy{}.similarity);
  return answer(service::verify_pictures(invocation.engines(), pack, a, b, similarity));
}

Outcome with_collection(Invocation& invocation, const Options& options) {
  if (options.similarity || !options.pack.empty()) {
    throw UsageError{"a collection has its own --similarity and --pack"};
  }
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  const auto request = contract::read_verify(options.request.read());
  auto context = invocation.context();
  return answer(service::verify_face(context, caller, request));
}

Outcome run_verify(Invocation& invocation, const Options& options) {
  const bool first = !options.request.picture_file().empty();
  const bool more = options.request.names_more_than_picture();
  if ((!options.b.empty() && more) || (first && options.b.empty() && !more)) {
    throw UsageError{"verify takes two pictures, or one and --collection with --face or --person"};
  }
  return options.b.empty() ? with_collection(invocation, options) : with_pictures(invocation, options);
}

}  // namespace

void add_verify(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("verify", "Compare two pictures, or a picture and an enrolled face");
  auto options = std::make_shared<Options>(*command);
  command->callback([&selection, options] {
    selection = {Call::kVerify,
                 [options](Invocation& invocation) { return run_verify(invocation, *options); }};
  });
}

}  // namespace facesearch::app
