// SPDX-License-Identifier: MIT
#include "facesearch/service/persons/change_persons.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {
namespace {

// Runs `change` in a transaction of a collection; again from the start if the store asks for it.
template <class Result>
Result changed(Context& context, const Caller& caller, const std::string& collection,
               const std::function<Result(WriteTransaction&)>& change) {
  const auto gallery = open_gallery(context.store, caller, collection);
  Result result;
  gallery->write([&](WriteTransaction& transaction) { result = change(transaction); });
  return result;
}

// Gives faces a person, and a name where there is one.
void assign(WriteTransaction& transaction, std::vector<FaceRecord> faces, const Uuid& person,
            const std::optional<std::string>& name) {
  for (FaceRecord& face : faces) {
    if (face.person == person && (!name || face.name == *name)) continue;
    face.person = person;
    if (name) face.name = *name;
    transaction.update(face);
  }
}

// At least two, each once.
std::vector<Uuid> different_persons(const std::vector<std::string>& texts) {
  if (texts.size() < 2) {
    throw Error(Cause::kInvalidValue, "PERSONS_MISSING", "two persons at least are needed to merge them");
  }
  std::vector<Uuid> persons;
  for (const std::string& text : texts) {
    const Uuid person = person_of(text);
    if (std::ranges::find(persons, person) != persons.end()) {
      throw Error(
          Cause::kInvalidValue, "PERSON_NAMED_TWICE",
          fmt::format("the person {} is named twice; name each once: nobody can be merged into itself",
                      person.text()));
    }
    persons.push_back(person);
  }
  return persons;
}

void require_metadata(const std::map<std::string, std::string>& metadata) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size();
  if (metadata.size() <= kMaxMetadataEntries && bytes <= kMaxMetadataBytes) return;
  throw Error(Cause::kInvalidValue, "METADATA_INVALID",
              fmt::format("the face would have {} entries of {} bytes together; the limits are {} and {}",
                          metadata.size(), bytes, kMaxMetadataEntries, kMaxMetadataBytes));
}

}  // namespace

FaceRecord live_face(const Snapshot& snapshot, const std::string& text) {
  const auto id = Uuid::parse(text);
  if (!id) throw Error(Cause::kFaceUnknown, "", "what was given is no face id: those are UUIDs");
  auto face = snapshot.find_face(*id);
  if (!face) refuse_missing_face(snapshot, *id);
  return *std::move(face);
}

void require_purge_keeps_none(bool purge, Remember remember) {
  if (!purge || remember != Remember::kPictureAndTemplate) return;
  throw Error(Cause::kInvalidValue, "PURGE_KEEPS_NO_TEMPLATE",
              "a purge leaves no byte of a face, so its template cannot be remembered; leave one of the two "
              "out");
}

Person rename_person(Context& context, const Caller& caller, const PersonRequest& request,
                     const std::string& name) {
  return changed<Person>(context, caller, request.collection_id, [&](WriteTransaction& transaction) {
    const Uuid person = person_of(request.person);
    assign(transaction, faces_of(transaction, person), person, name);
    return described(faces_of(transaction, person));
  });
}

Person merge_persons(Context& context, const Caller& caller, const PersonMergeRequest& request) {
  const std::vector<Uuid> persons = different_persons(request.persons);
  return changed<Person>(context, caller, request.collection_id, [&](WriteTransaction& transaction) {
    const std::string name = described(faces_of(transaction, persons.front())).name;
    for (const Uuid& person : persons) {
      assign(transaction, faces_of(transaction, person), persons.front(), name);
    }
    follow_merge(transaction, persons, persons.front());
    return described(faces_of(transaction, persons.front()));
  });
}

Person split_person(Context& context, const Caller& caller, const PersonSplitRequest& request) {
  return changed<Person>(context, caller, request.collection_id, [&](WriteTransaction& transaction) {
    if (request.faces.empty()) throw Error(Cause::kFaceIdRequired, "", "no face was named");
    std::map<Uuid, FaceRecord> faces;
    for (const std::string& text : request.faces) {
      FaceRecord face = live_face(transaction, text);
      const Uuid id = face.face;
      faces.emplace(id, std::move(face));
    }
    const Uuid former = faces.begin()->second.person;
    std::vector<FaceRecord> moved;
    for (const auto& [id, face] : faces) {
      if (face.person != former) {
        throw Error(Cause::kInvalidValue, "FACES_OF_SEVERAL_PERSONS",
                    "the faces are not all of one person; split each person by itself, or move the faces");
      }
      moved.push_back(face);
    }
    if (moved.size() == faces_of(transaction, former).size()) {
      throw Error(Cause::kInvalidValue, "WHOLE_PERSON",
                  "these are all faces of the person: there is nothing to split; rename it if that is meant");
    }
    const Uuid person = Uuid::make();
    std::vector<Uuid> ids;
    ids.reserve(moved.size());
    for (const FaceRecord& face : moved) ids.push_back(face.face);
    assign(transaction, std::move(moved), person, request.name);
    follow_split(transaction, former, person);
    end_left_out(transaction, ids);
    return described(faces_of(transaction, person));
  });
}

Person move_face(Context& context, const Caller& caller, const FaceMoveRequest& request) {
  return changed<Person>(context, caller, request.collection_id, [&](WriteTransaction& transaction) {
    const FaceRecord face = live_face(transaction, request.face);
    const Uuid person = person_of(request.person);
    const std::string name = described(faces_of(transaction, person)).name;
    if (face.person != person) {
      assign(transaction, {face}, person, name);
      end_left_out(transaction, {&face.face, 1});
    }
    follow_merge(transaction, {}, person);
    return described(faces_of(transaction, person));
  });
}

std::uint64_t delete_person(Context& context, const Caller& caller, const PersonDeleteRequest& request) {
  require_purge_keeps_none(request.purge, request.remember);
  auto gallery = open_gallery(context.store, caller, request.collection_id);
  if (gallery->kept_side()) {
    throw Error(
        Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
        "the collection still keeps the side of its former pack, which may have more faces of the person: "
        "end that first with `collection migrate --confirm` or `--revert`");
  }
  std::vector<Uuid> faces;
  std::vector<Decision> decisions;
  const auto find = [&](const Snapshot& view) {
    faces.clear();
    decisions.clear();
    for (const FaceRecord& face : faces_of(view, person_of(request.person))) {
      faces.push_back(face.face);
      if (request.remember != Remember::kNothing) {
        decisions.push_back(not_again(view, face, request.remember));
      }
    }
  };
  if (request.purge) {
    find(*gallery->snapshot());
    gallery.reset();  // what is open cannot be rewritten
    context.store.upkeep().rewrite(request.collection_id, faces, decisions);
    return faces.size();
  }
  gallery->write([&](WriteTransaction& transaction) {
    find(transaction);
    for (const Uuid& face : faces) transaction.erase(face);
    if (!decisions.empty()) decide(transaction, decisions);
  });
  return faces.size();
}

FaceRecord change_metadata(Context& context, const Caller& caller, const MetadataRequest& request) {
  return changed<FaceRecord>(context, caller, request.collection_id, [&](WriteTransaction& transaction) {
    FaceRecord face = live_face(transaction, request.face);
    for (const std::string& key : request.unset) face.metadata.erase(key);
    for (const auto& [key, value] : request.set) face.metadata.insert_or_assign(key, value);
    require_metadata(face.metadata);
    transaction.update(face);
    return face;
  });
}

}  // namespace facesearch::service
