// SPDX-License-Identifier: MIT
#include "facesearch/service/persons/decisions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"
#include "facesearch/service/persons/change_persons.hpp"

namespace facesearch::service {
namespace {

using Kind = Decision::Kind;

// Those that still say something: a face that is gone is nobody's, and a person is not ruled out for own
// faces.
std::vector<Decision> standing_decisions(const Snapshot& snapshot) {
  std::vector<Decision> decisions = snapshot.decisions();
  std::erase_if(decisions, [&](const Decision& decision) {
    if (decision.kind == Kind::kNotAgain) return false;
    const auto face = snapshot.find_face(decision.face);
    return !face || (decision.kind == Kind::kNotThisPerson && face->person == decision.person);
  });
  return decisions;
}

// A face of a person becomes a person of its own.
void make_own_person(WriteTransaction& transaction, FaceRecord face) {
  if (faces_of(transaction, face.person).size() == 1) {
    throw Error(Cause::kInvalidValue, "WHOLE_PERSON",
                fmt::format("the face is the only one of the person {}: rename the person, or delete it",
                            face.person.text()));
  }
  face.person = Uuid::make();
  face.name = fmt::format("{}{}", kUnknownName, face.person.text());
  transaction.update(face);
  end_left_out(transaction, {&face.face, 1});
}

}  // namespace

RuledOutPersons::RuledOutPersons(const Snapshot& snapshot) {
  std::map<Uuid, std::vector<Uuid>> persons;
  for (const Decision& decision : snapshot.rejections()) persons[decision.face].push_back(decision.person);
  for (auto& [face, not_persons] : persons) {
    const auto record = snapshot.find_face(face);
    auto values = snapshot.find_template(face);
    if (!record || !values) continue;
    std::erase(not_persons, record->person);
    if (!not_persons.empty()) ruled_out_.push_back({*std::move(values), std::move(not_persons)});
  }
}

std::vector<Uuid> RuledOutPersons::of(std::span<const float> probe) const {
  std::vector<Uuid> persons;
  for (const RuledOut& face : ruled_out_) {
    if (exact_cosine(probe, face.values) < kPictureCosine) continue;
    persons.insert(persons.end(), face.persons.begin(), face.persons.end());
  }
  std::ranges::sort(persons);
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  return persons;
}

DeletedFaces::DeletedFaces(const Snapshot& snapshot) : deleted_(snapshot.decisions()) {
  std::erase_if(deleted_, [](const Decision& decision) { return decision.kind != Kind::kNotAgain; });
}

void DeletedFaces::require_none(std::span<const float> probe,
                                const std::function<std::vector<Sha256>()>& contents_of,
                                double min_cosine) const {
  if (deleted_.empty()) return;
  const std::vector<Sha256> contents = contents_of();
  for (const Decision& decision : deleted_) {
    const bool same_picture = decision.content && std::ranges::count(contents, *decision.content) > 0;
    const bool alike = !decision.values.empty() && exact_cosine(probe, decision.values) >= min_cosine;
    if (!same_picture && !alike) continue;
    throw Error(Cause::kRefused, "DELETED_FACE",
                fmt::format("{} face {}, which was deleted and is not to be enrolled again; `face readmit "
                            "--face {}` takes that back",
                            same_picture ? "this is the picture of" : "this face is alike to",
                            decision.face.text(), decision.face.text()));
  }
}

std::vector<std::uint64_t> slots_of_all(const Snapshot& snapshot, std::span<const Uuid> persons) {
  std::vector<std::uint64_t> all;
  for (const auto& slots : snapshot.slots_of(persons)) all.insert(all.end(), slots.begin(), slots.end());
  std::ranges::sort(all);
  return all;
}

Decision not_again(const Snapshot& snapshot, const FaceRecord& face, Remember remember) {
  Decision decision{Kind::kNotAgain, face.face, {}, now(), face.content};
  if (remember == Remember::kPictureAndTemplate) {
    decision.values = snapshot.find_template(face.face).value();
  } else if (!face.content) {
    throw Error(Cause::kInvalidValue, "PICTURE_NOT_KNOWN",
                fmt::format("the collection does not know from which picture the face {} was enrolled, so it "
                            "could not know it again; remember its template, too",
                            face.face.text()));
  }
  return decision;
}

void decide(WriteTransaction& transaction, std::span<const Decision> more) {
  std::vector<Decision> decisions = transaction.decisions();
  std::set<std::tuple<Kind, Uuid, Uuid>> anew;
  for (const Decision& decision : more) anew.emplace(decision.kind, decision.face, decision.person);
  std::erase_if(decisions, [&](const Decision& decision) {
    return anew.contains({decision.kind, decision.face, decision.person});
  });
  decisions.insert(decisions.end(), more.begin(), more.end());
  transaction.set_decisions(decisions);
}

void withdraw(WriteTransaction& transaction, const Decision& wanted, const std::string& missing) {
  std::vector<Decision> decisions = transaction.decisions();
  const auto dropped =
      std::erase_if(decisions, [&](const Decision& decision) { return is_about_the_same(decision, wanted); });
  if (dropped == 0) {
    throw Error(Cause::kInvalidValue, "NOT_DECIDED",
                fmt::format("{}; `face decisions` lists what was decided", missing));
  }
  transaction.set_decisions(decisions);
}

void follow_merge(WriteTransaction& transaction, std::span<const Uuid> from, const Uuid& to) {
  std::vector<Decision> decisions = transaction.decisions();
  std::set<Uuid> faces;  // that are decided not to be `to`
  const auto dropped = std::erase_if(decisions, [&](Decision& decision) {
    if (decision.kind != Kind::kNotThisPerson) return false;
    if (std::ranges::find(from, decision.person) != from.end()) decision.person = to;
    if (decision.person != to) return false;
    const auto face = transaction.find_face(decision.face);
    return (face && face->person == to) || !faces.insert(decision.face).second;
  });
  if (dropped > 0 || !faces.empty()) transaction.set_decisions(decisions);
}

void follow_split(WriteTransaction& transaction, const Uuid& from, const Uuid& to) {
  std::vector<Decision> more;
  for (Decision decision : transaction.rejections()) {
    if (decision.person != from) continue;
    decision.person = to;
    const auto face = transaction.find_face(decision.face);
    if (face && face->person != to) more.push_back(std::move(decision));
  }
  if (!more.empty()) decide(transaction, more);
}

void end_left_out(WriteTransaction& transaction, std::span<const Uuid> faces) {
  std::vector<Decision> decisions = transaction.decisions();
  const auto ended = std::erase_if(decisions, [&](const Decision& decision) {
    return decision.kind == Kind::kNotInMean && std::ranges::find(faces, decision.face) != faces.end();
  });
  if (ended > 0) transaction.set_decisions(decisions);
}

Person reject_face(Context& context, const Caller& caller, const FaceRejectRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  Person result;
  gallery->write([&](WriteTransaction& transaction) {
    const FaceRecord face = live_face(transaction, request.face);
    const Uuid person = person_of(request.person);
    const Decision decision{Kind::kNotThisPerson, face.face, person, now()};
    if (request.withdraw) {
      withdraw(transaction, decision,
               fmt::format("that the face {} is not of the person {} was not decided", face.face.text(),
                           person.text()));
    } else {
      faces_of(transaction, person);  // refuses nobody
      if (face.person == person) make_own_person(transaction, face);
      decide(transaction, {&decision, 1});
    }
    result = described(faces_of(transaction, live_face(transaction, request.face).person));
  });
  return result;
}

void readmit_face(Context& context, const Caller& caller, const FaceReadmitRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const auto face = Uuid::parse(request.face);
  if (!face) throw Error(Cause::kFaceUnknown, "", "what was given is no face id: those are UUIDs");
  gallery->write([&](WriteTransaction& transaction) {
    withdraw(transaction, {Kind::kNotAgain, *face},
             fmt::format("that the face {} is not to be enrolled again was not decided", face->text()));
  });
}

DecisionList list_decisions(Context& context, const Caller& caller, const std::string& collection) {
  const auto gallery = open_gallery(context.store, caller, collection);
  return {collection, standing_decisions(*gallery->snapshot())};
}

}  // namespace facesearch::service
