// SPDX-License-Identifier: MIT
#include "facesearch/service/verify.hpp"

#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/json_request.hpp"
#include "facesearch/contract/json_response.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/policy.hpp"
#include "facesearch/input.hpp"
#include "facesearch/invocation.hpp"

namespace facesearch::app {
namespace {

struct Options {
  std::string a;
  std::string b;
  std::string request;
  std::string collection;
  std::string face;
  std::string person;
  std::string pack = kDefaultPack;
  std::optional<double> similarity;

  bool stored() const { return !request.empty() || !collection.empty() || !face.empty() || !person.empty(); }
};

Outcome answer(const service::VerifyResult& result) {
  return {contract::to_json(result), result.match ? ExitStatus::kSuccess : ExitStatus::kNo};
}

Outcome with_pictures(Invocation& invocation, const Options& options) {
  if (options.a.empty() || options.b.empty()) {
    throw UsageError{"verify takes two pictures, or one and --collection with --face or --person"};
  }
  const auto a = read_input(options.a, kMaxRequestBytes);
  const auto b = read_input(options.b, kMaxRequestBytes);
  const double similarity = options.similarity.value_or(Policy{}.similarity);
  return answer(service::verify_pictures(invocation.engines(), options.pack, a, b, similarity));
}

contract::RawRequest read_request(const Options& options) {
  if (!options.request.empty()) {
    const auto bytes = read_input(options.request, kMaxRequestBytes);
    return contract::parse_request({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  contract::RawRequest raw;
  if (!options.collection.empty()) raw.members["collectionId"] = options.collection;
  if (!options.face.empty()) raw.members["faceId"] = options.face;
  if (!options.person.empty()) raw.members["metaFaceId"] = options.person;
  if (!options.a.empty()) raw.picture = read_input(options.a, kMaxRequestBytes);
  return raw;
}

Outcome with_collection(Invocation& invocation, const Options& options) {
  if (!options.b.empty() || options.similarity) {
    throw UsageError{"with a collection, verify takes one picture and the collection's own threshold"};
  }
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  const auto request = contract::read_verify(read_request(options));
  auto context = invocation.context();
  return answer(service::verify_face(context, caller, request));
}

}  // namespace

void add_verify(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("verify", "Compare two pictures, or a picture and an enrolled face");
  auto options = std::make_shared<Options>();
  command->add_option("a", options->a, "A picture: a file, or - for standard input")->type_name("FILE");
  command->add_option("b", options->b, "The other picture")->type_name("FILE");
  command->add_option("--similarity", options->similarity, "The threshold for two pictures, 0-100 (80)")
      ->type_name("N");
  command->add_option("--pack", options->pack, "The model pack for two pictures")->type_name("NAME");
  command->add_option("--collection", options->collection, "Compare with a face of this collection")
      ->type_name("ID");
  command->add_option("--face", options->face, "... with this face")->type_name("ID");
  command->add_option("--person", options->person, "... or with this person's most similar face")
      ->type_name("ID");
  command
      ->add_option("--request", options->request,
                   "collectionId, faceId or metaFaceId, and faceImage as JSON: a file, or -")
      ->type_name("FILE");
  command->callback([&selection, options] {
    selection = {Call::kVerify, [options](Invocation& invocation) {
                   return options->stored() ? with_collection(invocation, *options)
                                            : with_pictures(invocation, *options);
                 }};
  });
}

}  // namespace facesearch::app
