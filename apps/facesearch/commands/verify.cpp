// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/verify.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "facesearch/annotate/annotation.hpp"
#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/policy.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/options/request_options.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::app {
namespace {

struct VerifyOptions {
  explicit VerifyOptions(CLI::App& command) : request(command) {
    request.document();
    request.picture("a");
    command.add_option("b", b, "The other picture")->type_name("FILE");
    request.given_template();
    command.add_option("--similarity", similarity, "The threshold for a pair, 0-100 (80)")
        ->check(number_to_100())
        ->type_name("N");
    command.add_option("--pack", pack, "The model pack for a pair (mini)")->type_name("NAME");
    request.member("--collection", "collectionId", "Compare with a face of this collection");
    request.member("--face", "faceId", "... with this face; of two pictures: largest, or a number");
    request.member("--person", "metaFaceId", "... or with this person's most similar face");
    request.member("--faces", "faces", "all: compare every face of a picture (one)");
    annotation.add_to(command);
  }

  RequestOptions request;
  Annotation annotation;
  std::string b;
  std::string pack;
  std::optional<double> similarity;
};

std::vector<std::string> pictures_of(const VerifyOptions& options) {
  std::vector<std::string> files;
  for (const std::string& file : {options.request.picture_file(), options.b}) {
    if (!file.empty()) files.push_back(file);
  }
  return files;
}

// Draws what was compared: the first picture, or both.
Outcome answer(const service::VerifyResult& result, const Annotation& annotation,
               const std::vector<std::span<const std::uint8_t>>& pictures) {
  if (annotation.given()) {
    PairMarks marks = marks_of(result);
    std::vector<AnnotatedPicture> annotated;
    if (!pictures.empty()) annotated.push_back({pictures[0], std::move(marks.a)});
    if (pictures.size() > 1) annotated.push_back({pictures[1], std::move(marks.b)});
    annotation.write(std::move(annotated));
  }
  return {contract::to_json(result), result.match ? ExitStatus::kSuccess : ExitStatus::kNo};
}

service::ProbeInput template_of(const std::string& file) {
  contract::RawRequest raw = read_template(file);
  return contract::required_probe(raw);
}

// `--face` of two pictures: "largest", or a number as `detect` lists the faces.
service::FaceChoice choice_of(const VerifyOptions& options) {
  const std::string faces = options.request.text("faces");
  if (faces == "all") return {false, 0, true};
  if (!faces.empty() && faces != "one") {
    throw UsageError{fmt::format("--faces: '{}' is neither 'all' nor 'one'", faces)};
  }
  const std::string face = options.request.text("faceId");
  if (face.empty()) return {};
  if (face == "largest") return {true, 0};
  std::size_t number = 0;
  const auto read = std::from_chars(face.data(), face.data() + face.size(), number);
  if (read.ec != std::errc{} || read.ptr != face.data() + face.size() || number == 0) {
    throw UsageError{fmt::format(
        "--face: '{}' is neither 'largest' nor a number from 1; detect lists the faces of a picture", face)};
  }
  return {false, number};
}

Outcome with_pair(Invocation& invocation, const VerifyOptions& options) {
  options.annotation.require_writable();
  const service::FaceChoice choice = choice_of(options);
  const std::vector<std::string> pictures = pictures_of(options);
  const std::vector<std::string>& templates = options.request.template_files();
  if (std::ranges::count(pictures, "-") + std::ranges::count(templates, "-") > 1) {
    throw UsageError{"only one of the two pictures or templates can be - (standard input)"};
  }
  std::vector<service::ProbeInput> inputs;
  inputs.reserve(2);
  for (const std::string& file : pictures) inputs.emplace_back(read_input(file, kMaxRequestBytes));
  for (const std::string& file : templates) inputs.push_back(template_of(file));
  const std::string pack = options.pack.empty() ? kDefaultPack : options.pack;
  const double similarity = options.similarity.value_or(Policy{}.similarity);
  const auto shown = shown_pictures(inputs);
  EngineCache& engines = invocation.engines();
  const auto compare = [&] {
    try {
      return service::verify_pair(engines, pack, inputs.at(0), inputs.at(1), similarity, choice);
    } catch (const Error& error) {
      if (error.reason() != "TOO_MANY_FACES") throw;
      throw Error(
          error.cause(), error.reason(),
          error.detail() + ", or choose it: --face largest, --face N as detect lists them, or --faces all");
    }
  };
  const auto result =
      options.annotation.drawn_if_refused(shown, engines, compare, [&] { return std::string{pack}; });
  return answer(result, options.annotation, shown);
}

Outcome with_collection(Invocation& invocation, const VerifyOptions& options) {
  if (options.similarity || !options.pack.empty()) {
    throw UsageError{"--similarity and --pack are for two pictures; a collection has its own"};
  }
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  options.annotation.require_writable();
  const auto request = contract::read_verify(options.request.read());
  auto context = invocation.context();
  const auto shown = shown_pictures({&request.probe, 1});
  const auto result = options.annotation.drawn_if_refused(
      shown, context.engines, [&] { return service::verify_face(context, caller, request); },
      [&] {
        return service::open_gallery(context.store, caller, request.collection_id)->record().binding.pack;
      });
  return answer(result, options.annotation, shown);
}

Outcome run_verify(Invocation& invocation, const VerifyOptions& options) {
  const std::size_t shown = pictures_of(options).size() + options.request.template_files().size();
  const bool chooses_face =
      shown == 2 && (options.request.names_only("faceId") || options.request.names_only("faces"));
  const bool more = !chooses_face && options.request.names_more_than_probe();
  if (shown > 2 || (shown == 2 && more) || (shown == 1 && !more)) {
    throw UsageError{
        "verify takes two pictures or templates, or one and --collection with --face or --person; two "
        "pictures "
        "may have --face or --faces"};
  }
  std::vector<std::string> files = options.request.files();
  files.push_back(options.b);
  options.annotation.require_name(files);
  return shown == 2 ? with_pair(invocation, options) : with_collection(invocation, options);
}

}  // namespace

void add_verify(CLI::App& program, Selection& selection) {
  CLI::App* command =
      program.add_subcommand("verify", "Compare two pictures or templates, or one with an enrolled face");
  auto options = std::make_shared<VerifyOptions>(*command);
  set_action(command, selection, Call::kVerify, options, run_verify);
}

}  // namespace facesearch::app
