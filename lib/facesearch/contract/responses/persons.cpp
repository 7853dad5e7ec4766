// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/persons.hpp"

#include "facesearch/contract/responses/json_values.hpp"

namespace facesearch::contract {
namespace {

OrderedJson person_json(const service::Person& person) {
  OrderedJson json{{"meta_face_id", person.id.text()},
                   {"user_name", person.name},
                   {"faces", person.faces},
                   {"first_time", rfc3339(person.first)},
                   {"last_time", rfc3339(person.last)}};
  if (person.several_names) json["several_names"] = true;
  return json;
}

}  // namespace

std::string to_json(const service::PersonListResult& result) {
  OrderedJson rows = OrderedJson::array();
  for (const service::Person& person : result.persons) rows.push_back(person_json(person));
  OrderedJson json{
      {"message", "success"}, {"collectionId", result.collection_id}, {"result", std::move(rows)}};
  json["next"] = result.next ? OrderedJson(result.next->text()) : OrderedJson(nullptr);
  return written(json);
}

std::string to_json(const service::PersonDetails& details) {
  OrderedJson faces = OrderedJson::array();
  for (std::size_t i = 0; i < details.faces.size(); ++i) {
    OrderedJson face = face_json(details.faces[i]);
    if (!details.templates.empty()) face["template"] = template_text(details.templates[i]);
    faces.push_back(std::move(face));
  }
  OrderedJson json{{"message", "success"},
                   {"collectionId", details.collection_id},
                   {"person", person_json(details.person)},
                   {"faces", std::move(faces)}};
  if (!details.templates.empty()) json["fingerprint"] = details.fingerprint;
  return written(json);
}

std::string person_changed_json(const service::Person& person) {
  return written({{"message", "success"}, {"person", person_json(person)}});
}

std::string face_changed_json(const FaceRecord& face) {
  return written({{"message", "success"}, {"face", face_json(face)}});
}

std::string person_deleted_json(std::uint64_t faces, bool erased, bool remembered) {
  OrderedJson json{{"message", "Success"}, {"faces", faces}, {"erased", erased}};
  if (remembered) json["remembered"] = true;
  return written(json);
}

std::string to_json(const service::DecisionList& list) {
  OrderedJson rows = OrderedJson::array();
  for (const Decision& decision : list.decisions) {
    using Kind = Decision::Kind;
    const Kind kind = decision.kind;
    const char* name = kind == Kind::kNotThisPerson ? "not_this_person"
                       : kind == Kind::kNotInMean   ? "not_in_mean"
                                                    : "not_again";
    OrderedJson& row = rows.emplace_back(OrderedJson{{"decision", name}, {"face_id", decision.face.text()}});
    if (kind == Kind::kNotThisPerson) {
      row["meta_face_id"] = decision.person.text();
    } else if (kind == Kind::kNotAgain) {
      row["by"] = OrderedJson::array();
      if (decision.content) row["by"].push_back("picture");
      if (!decision.values.empty()) row["by"].push_back("template");
    }
    row["decision_time"] = rfc3339(decision.made);
  }
  return written({{"message", "success"}, {"collectionId", list.collection_id}, {"result", std::move(rows)}});
}

std::string face_readmitted_json() {
  return written({{"message", "success"}});
}

}  // namespace facesearch::contract
