// SPDX-License-Identifier: MIT
#include <memory>
#include <utility>

#include "facesearch/commands/commands.hpp"
#include "facesearch/contract/requests/person_fields.hpp"
#include "facesearch/contract/requests/request.hpp"
#include "facesearch/contract/responses/persons.hpp"
#include "facesearch/output/presentation.hpp"
#include "facesearch/run_request.hpp"
#include "facesearch/service/persons/change_persons.hpp"

namespace facesearch::app {
namespace {

// The request of a command about persons.
struct PersonOptions {
  explicit PersonOptions(CLI::App& command) : request(command) {
    request.document();
    request.member("--collection", "collectionId", "The collection");
  }

  RequestOptions request;
  bool match_case = false;
  bool purge = false;
  bool templates = false;
};

using PersonAction = Outcome (*)(Invocation&, const PersonOptions&);

Outcome run_person_list(Invocation& invocation, const PersonOptions& options) {
  return run_request(invocation, Scope::kSearch, options.request, contract::read_person_list,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::to_json(service::list_persons(context, caller, request));
                     });
}

// As list, but a name is needed, and found whatever its case and accents.
Outcome run_person_find(Invocation& invocation, const PersonOptions& options) {
  const auto read = [&](contract::RawRequest raw) {
    contract::read_collection_id(raw);
    contract::read_person_name(raw);
    if (options.match_case) raw.members.insert_or_assign("ignoreCase", false);
    raw.members.try_emplace("ignoreCase", true);
    return contract::read_person_list(raw);
  };
  return run_request(invocation, Scope::kSearch, options.request, read,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::to_json(service::list_persons(context, caller, request));
                     });
}

Outcome run_person_show(Invocation& invocation, const PersonOptions& options) {
  return run_request(invocation, Scope::kSearch, options.request, contract::read_person,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::to_json(service::show_person(context, caller, request));
                     });
}

// Templates are faces: they are for those who may have all of the store.
Outcome run_person_export(Invocation& invocation, const PersonOptions& options) {
  if (!options.templates) return run_person_show(invocation, options);
  if (style_of(invocation.options().output).form == Form::kTable)
    throw UsageError{"--templates: a table leaves them out; give --output json"};
  return run_request(invocation, Scope::kAdmin, options.request, contract::read_person,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::to_json(service::export_person(context, caller, request));
                     });
}

Outcome run_person_rename(Invocation& invocation, const PersonOptions& options) {
  const auto read = [](const contract::RawRequest& raw) {
    auto request = contract::read_person(raw);
    return std::pair(std::move(request), contract::read_person_name(raw));
  };
  return run_request(invocation, Scope::kEnroll, options.request, read,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::person_changed_json(
                           service::rename_person(context, caller, request.first, request.second));
                     });
}

Outcome run_person_merge(Invocation& invocation, const PersonOptions& options) {
  return run_request(invocation, Scope::kEnroll, options.request, contract::read_person_merge,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::person_changed_json(service::merge_persons(context, caller, request));
                     });
}

Outcome run_person_split(Invocation& invocation, const PersonOptions& options) {
  return run_request(invocation, Scope::kEnroll, options.request, contract::read_person_split,
                     [](auto& context, auto& caller, auto& request) {
                       return contract::person_changed_json(service::split_person(context, caller, request));
                     });
}

Outcome run_person_delete(Invocation& invocation, const PersonOptions& options) {
  const auto read = [purge = options.purge](const contract::RawRequest& raw) {
    auto request = contract::read_person_delete(raw);
    request.purge = purge;
    return request;
  };
  return run_request(invocation, Scope::kDelete, options.request, read,
                     [](auto& context, auto& caller, auto& request) {
                       const auto faces = service::delete_person(context, caller, request);
                       const bool remembered = request.remember != service::Remember::kNothing;
                       return contract::person_deleted_json(faces, request.purge, remembered);
                     });
}

std::shared_ptr<PersonOptions> add_person_command(CLI::App& person, Selection& selection, const char* name,
                                                  const char* help, PersonAction action) {
  CLI::App* command = person.add_subcommand(name, help);
  auto options = std::make_shared<PersonOptions>(*command);
  set_action(command, selection, Call::kManage, options, action);
  return options;
}

void add_person_page(PersonOptions& options) {
  options.request.member("--since", "since", "Only who has a face enrolled at this time or later");
  options.request.number("--faces-min", "facesMin", "Only who has so many faces");
  options.request.member("--after", "after", "Go on after this person: `next` of the page before");
  options.request.number("--limit", "limit", "Persons a page, 1-1000 (50)");
}

void add_person_reading(CLI::App& person, Selection& selection) {
  const auto list = add_person_command(person, selection, "list", "List persons, 50 a page", run_person_list);
  list->request.member("--name", "userName", "Only who has this name");
  list->request.choice("--prefix", "match", "prefix", "... or one that begins with it");
  list->request.flag("--ignore-case", "ignoreCase", "... whatever case and accents");
  add_person_page(*list);
  const auto find = add_person_command(person, selection, "find",
                                       "Find persons by name, whatever case and accents", run_person_find);
  find->request.member("name", "userName", "The name");
  find->request.choice("--prefix", "match", "prefix", "A name that begins with it");
  find->request.command().add_flag("--match-case", find->match_case, "Only with this case and these accents");
  add_person_page(*find);
  add_person_command(person, selection, "show", "Show a person and all faces", run_person_show)
      ->request.member("person", "metaFaceId", "The person (a metaFaceId)");
  const auto exported =
      add_person_command(person, selection, "export",
                         "Show a person and all faces, on request with their templates", run_person_export);
  exported->request.member("person", "metaFaceId", "The person (a metaFaceId)");
  exported->request.command().add_flag("--templates", exported->templates,
                                       "With the templates (needs an admin key)");
}

void add_person_changing(CLI::App& person, Selection& selection) {
  const auto rename =
      add_person_command(person, selection, "rename", "Give a person another name", run_person_rename);
  rename->request.member("person", "metaFaceId", "The person (a metaFaceId)");
  rename->request.member("--name", "userName", "The new name");
  add_person_command(person, selection, "merge", "Make one person of several; the first stays",
                     run_person_merge)
      ->request.list("persons", "metaFaceIds", "ID", "The persons (metaFaceIds)");
  const auto split =
      add_person_command(person, selection, "split", "Make a new person of some faces", run_person_split);
  split->request.list("--face", "faceIds", "ID", "A face's id; may be repeated");
  split->request.member("--name", "userName", "The new person's name (the name it has)");
  const auto removed =
      add_person_command(person, selection, "delete", "Delete a person with all faces", run_person_delete);
  removed->request.member("person", "metaFaceId", "The person (a metaFaceId)");
  removed->request.remembering();
  removed->request.command().add_flag("--purge", removed->purge,
                                      "Also rewrite the collection, so that no byte of them is left");
}

}  // namespace

void add_person(CLI::App& program, Selection& selection) {
  CLI::App* person =
      program.add_subcommand("person", "List, find, name and mend the persons of a collection");
  person->require_subcommand(1);
  add_person_reading(*person, selection);
  add_person_changing(*person, selection);
}

}  // namespace facesearch::app
