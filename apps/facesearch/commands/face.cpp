// SPDX-License-Identifier: MIT
#include <memory>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/person_fields.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/persons.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/run_request.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "facesearch/service/persons/change_persons.hpp"

namespace facesearch::app {
namespace {

Outcome run_face_list(Invocation& invocation, const RequestOptions& options) {
  const auto read = [](contract::RawRequest raw) {
    // Who writes a command line begins at the first page; a request of the public API names its page.
    if (!raw.options.empty()) raw.members.try_emplace("page", "1");
    return contract::read_face_list(raw);
  };
  return run_request(invocation, Scope::kSearch, options, read,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::to_json(service::list_faces(context, caller, request));
                     });
}

Outcome run_face_delete(Invocation& invocation, const RequestOptions& options, bool purge) {
  const auto read = [purge](const contract::RawRequest& raw) {
    auto request = contract::read_face_delete(raw);
    request.purge = purge;
    return request;
  };
  return run_request(invocation, Scope::kDelete, options, read,
                     [](auto& context, auto& caller, auto& request) {
                       service::delete_face(context, caller, request);
                       const bool remembered = request.remember != service::Remember::kNothing;
                       return contract::face_deleted_json(request.purge, remembered);
                     });
}

Outcome run_face_reject(Invocation& invocation, const RequestOptions& options) {
  return run_request(invocation, Scope::kEnroll, options, contract::read_face_reject,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::person_changed_json(service::reject_face(context, caller, request));
                     });
}

Outcome run_face_leave_out(Invocation& invocation, const RequestOptions& options) {
  return run_request(
      invocation, Scope::kEnroll, options, contract::read_face_leave_out,
      [](auto& context, auto& caller, auto& request) {
        return contract::person_changed_json(service::leave_face_out(context, caller, request));
      });
}

Outcome run_face_readmit(Invocation& invocation, const RequestOptions& options) {
  return run_request(invocation, Scope::kDelete, options, contract::read_face_readmit,
                     [](auto& context, auto& caller, auto& request) {
                       service::readmit_face(context, caller, request);
                       return contract::face_readmitted_json();
                     });
}

Outcome run_face_decisions(Invocation& invocation, const RequestOptions& options) {
  return run_request(invocation, Scope::kSearch, options, contract::read_collection_id,
                     [](auto& context, auto& caller, auto& collection) {
                       return contract::to_json(service::list_decisions(context, caller, collection));
                     });
}

Outcome run_face_move(Invocation& invocation, const RequestOptions& options) {
  return run_request(invocation, Scope::kEnroll, options, contract::read_face_move,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::person_changed_json(service::move_face(context, caller, request));
                     });
}

Outcome run_face_set(Invocation& invocation, const RequestOptions& options) {
  return run_request(invocation, Scope::kEnroll, options, contract::read_face_set,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::face_changed_json(service::change_metadata(context, caller, request));
                     });
}

// A command on a collection; `on_face`: on one face of it.
std::shared_ptr<RequestOptions> options_of(CLI::App* command, bool on_face) {
  auto options = std::make_shared<RequestOptions>(*command);
  options->document();
  options->member("--collection", "collectionId", "The collection");
  if (on_face) options->member("--face", "faceId", "The face's id");
  return options;
}

void add_list(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("list", "List a collection's faces, 50 per page");
  const auto options = options_of(command, false);
  options->member("--page", "page", "The page (1)");
  options->member("--term", "term", "Only face ids that contain this text (5 or more characters)");
  set_action(command, selection, Call::kFaceList, options, run_face_list);
}

void add_delete(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("delete", "Delete one face");
  const auto options = options_of(command, true);
  options->remembering();
  const auto purge = std::make_shared<bool>(false);
  command->add_flag("--purge", *purge, "Also rewrite the collection, so that no byte of the face is left");
  command->callback([&selection, options, purge] {
    selection = {Call::kFaceDelete, [options, purge](Invocation& invocation) {
                   return run_face_delete(invocation, *options, *purge);
                 }};
  });
}

void add_move(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("move", "Make a face one of another person");
  const auto options = options_of(command, true);
  options->member("--to", "metaFaceId", "The person (a metaFaceId)");
  set_action(command, selection, Call::kManage, options, run_face_move);
}

void add_decisions(CLI::App& face, Selection& selection) {
  CLI::App* reject = face.add_subcommand("reject", "Decide that a face is not of a person");
  const auto rejected = options_of(reject, true);
  rejected->member("--person", "metaFaceId", "The person (a metaFaceId)");
  rejected->flag("--withdraw", "withdraw", "Take that decision back");
  set_action(reject, selection, Call::kManage, rejected, run_face_reject);
  CLI::App* leave_out = face.add_subcommand("leave-out", "Leave a face out of its person's mean");
  const auto left_out = options_of(leave_out, true);
  left_out->flag("--withdraw", "withdraw", "Let it count again");
  set_action(leave_out, selection, Call::kManage, left_out, run_face_leave_out);
  CLI::App* readmit = face.add_subcommand("readmit", "Let a deleted, remembered face be enrolled again");
  set_action(readmit, selection, Call::kManage, options_of(readmit, true), run_face_readmit);
  CLI::App* list = face.add_subcommand("decisions", "List what was decided about faces");
  set_action(list, selection, Call::kManage, options_of(list, false), run_face_decisions);
}

void add_set(CLI::App& face, Selection& selection) {
  CLI::App* command = face.add_subcommand("set", "Change the metadata of a face");
  const auto options = options_of(command, true);
  options->metadata();
  options->list("--unset", "unset", "KEY", "A key of the metadata to remove; may be repeated");
  set_action(command, selection, Call::kManage, options, run_face_set);
}

}  // namespace

void add_face(CLI::App& program, Selection& selection) {
  CLI::App* face = program.add_subcommand("face", "List, delete, move or annotate the faces of a collection");
  face->require_subcommand(1);
  add_list(*face, selection);
  add_delete(*face, selection);
  add_move(*face, selection);
  add_set(*face, selection);
  add_decisions(*face, selection);
}

}  // namespace facesearch::app
