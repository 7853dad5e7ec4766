// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <sstream>

#include "store/fixtures.hpp"

namespace facesearch::test {

inline BackupReport back_up(Store& store, const std::filesystem::path& file,
                            std::vector<std::string> collections = {}) {
  return store.backups().write({file, std::move(collections), {}});
}

inline RestoreRequest restoring(const std::filesystem::path& file, std::vector<std::string> collections = {},
                                std::optional<std::string> as = std::nullopt) {
  return {file, std::move(collections), std::move(as), std::nullopt, {}};
}

/// Everything that a collection answers, but for its slots, its id and its generation.
inline std::string everything_in(Store& store, const std::string& id, const std::vector<Uuid>& erased = {}) {
  const auto collection = store.open(id);
  const auto view = collection->snapshot();
  const CollectionRecord& record = collection->record();
  std::ostringstream text;
  text << record.created << ' ' << record.sealed << ' ' << record.binding.pack << ' '
       << record.binding.fingerprint << ' ' << record.binding.dimension << ' '
       << record.binding.calibration.source << ' ' << record.policy.similarity << ' '
       << record.policy.min_face_px << ' ' << view->face_count() << '\n';
  view->scan(0, [&](const TemplateRow& row) {
    const auto face = view->find_face(row.face);
    text << face->face.text() << ' ' << face->person.text() << ' ' << face->name << ' ' << face->created;
    for (const auto& [key, value] : face->metadata) text << ' ' << key << '=' << value;
    for (const float value : row.values) text << ' ' << std::hexfloat << value;
    text << '\n';
  });
  for (const Uuid& face : erased) text << view->was_erased(face);
  for (const Decision& decision : view->decisions()) {
    text << static_cast<int>(decision.kind) << decision.face.text() << decision.person.text() << decision.made
         << decision.content.has_value() << decision.values.size() << '\n';
  }
  return text.str();
}

/// A store of two collections, `staff` with erased faces, a renamed one, a large record, a tail and two
/// changes of its policy, and `visitors`; a deleted one, `guests`; two API keys.
struct BackupStore {
  explicit BackupStore(const std::filesystem::path& folder, bool sealed = true, unsigned faces = 70) {
    const auto store = make_store_in(folder);
    for (const char* label : {"one", "two"}) {
      ApiKeyRecord key;
      key.id = Uuid::make();
      key.label = label;
      key.scopes = 8;
      store->api_keys().add(key);
    }
    store->create(collection_record("guests", kDimension, sealed));
    guest = add_face(*store->open("guests"), face_record());
    store->remove("guests");
    for (const char* id : {"staff", "visitors"}) {
      store->create(collection_record(id, kDimension, sealed));
      store->open(id)->write([&](WriteTransaction& transaction) {
        for (unsigned i = 0; i < faces; ++i) {
          FaceRecord face = face_record();
          face.name += std::to_string(i);
          if (i == 5) face.metadata["notes"] = std::string(3000, 'x');
          transaction.add(face, values_of(i));
          live.push_back(face.face);
        }
      });
    }
    store->open("staff")->write([&](WriteTransaction& transaction) {
      for (const unsigned i : {faces / 20, faces / 2}) {
        transaction.erase(live[i]);
        erased.push_back(live[i]);
      }
      FaceRecord changed = transaction.find_face(live[faces - 1]).value();
      changed.person = Uuid::make();
      changed.name = "renamed";
      transaction.update(changed);
      transaction.set_decisions(std::vector<Decision>{
          {Decision::Kind::kNotThisPerson, live[faces - 1], Uuid::make(), 1},
          {Decision::Kind::kNotAgain, erased.front(), {}, 2, Sha256{1}, values_of(faces / 20)}});
    });
    Policy policy;
    policy.similarity = 91.5;
    policy.min_face_px = 77;
    store->open("staff")->update_policy(to(policy));
    for (unsigned i = 0; i < 2; ++i) add_face(*store->open("staff"), face_record(), faces + i);  // a tail
  }

  std::vector<Uuid> live;
  std::vector<Uuid> erased;
  Uuid guest;
};

}  // namespace facesearch::test
