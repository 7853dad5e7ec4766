// SPDX-License-Identifier: MIT
#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/options/request_options.hpp"
#include "facesearch/service/collections/faces.hpp"

namespace facesearch::app {
namespace {

Outcome run_face_list(Invocation& invocation, const RequestOptions& options) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kSearch));
  const auto request = contract::read_face_list(options.read());
  auto context = invocation.context();
  return {contract::to_json(service::list_faces(context, caller, request))};
}

Outcome run_face_delete(Invocation& invocation, const RequestOptions& options, bool purge) {
  const auto caller = invocation.authenticate(service::scope_bit(Scope::kDelete));
  auto request = contract::read_face_delete(options.read());
  request.purge = purge;
  auto context = invocation.context();
  service::delete_face(context, caller, request);
  return {contract::face_deleted_json(purge)};
}

void add_list(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("list", "List a collection's faces, 50 per page");
  auto options = std::make_shared<RequestOptions>(*command);
  options->document();
  options->member("--collection", "collectionId", "The collection");
  options->member("--page", "page", "The page, from 1");
  options->member("--term", "term", "Only face ids that contain this text (5 or more characters)");
  set_action(command, selection, Call::kFaceList, options, run_face_list);
}

void add_delete(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("delete", "Delete one face");
  auto options = std::make_shared<RequestOptions>(*command);
  options->document();
  options->member("--collection", "collectionId", "The collection");
  options->member("--face", "faceId", "The face's id");
  const auto purge = std::make_shared<bool>(false);
  command->add_flag("--purge", *purge, "Also rewrite the collection, so that no byte of the face is left");
  command->callback([&selection, options, purge] {
    selection = {Call::kFaceDelete, [options, purge](Invocation& invocation) {
                   return run_face_delete(invocation, *options, *purge);
                 }};
  });
}

}  // namespace

void add_face(CLI::App& program, Selection& selection) {
  CLI::App* face = program.add_subcommand("face", "List or delete the faces of a collection");
  face->require_subcommand(1);
  add_list(*face, selection);
  add_delete(*face, selection);
}

}  // namespace facesearch::app
