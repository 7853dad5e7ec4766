// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"
#include "facesearch/store/store.hpp"
#include "support/files.hpp"
#include "support/memory_store.hpp"

namespace facesearch::test {

/// A folder of its own under the system's temporary folder; gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / ("facesearch-" + Uuid::make().text())) {
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path store() const { return path_ / "store"; }

 private:
  std::filesystem::path path_;
};

/// Options of a store whose master key lies beside it.
inline StoreOptions options_of(const std::filesystem::path& store) {
  StoreOptions options;
  const std::filesystem::path keys = store.string() + ".master-keys";
  options.master_key =
      MasterKeyPlace{[keys](const Uuid& id) { return keys / id.text(); }, [] { return std::nullopt; }};
  return options;
}

inline std::unique_ptr<Store> make_store_in(const std::filesystem::path& folder) {
  return create_lmdb_store(folder, options_of(folder));
}
inline std::unique_ptr<Store> open_store_in(const std::filesystem::path& folder) {
  return open_lmdb_store(folder, options_of(folder));
}

/// Copies a store with its master key and its high-water marks to the place of another one.
inline void copy_store(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* part : {"", ".master-keys"}) {
    const std::filesystem::path source = from.string() + part;
    const std::filesystem::path target = to.string() + part;
    std::filesystem::remove_all(target);
    if (std::filesystem::exists(source)) {
      std::filesystem::copy(source, target, std::filesystem::copy_options::recursive);
    }
  }
}

/// An engine that the conformance suite runs on, with a store of its own.
struct Engine {
  enum Kind { kSealed, kPlain, kMemory };
  explicit Engine(Kind kind)
      : name(kind == kSealed  ? "sealed"
             : kind == kPlain ? "plain"
                              : "memory"),
        sealed(kind != kPlain),
        in_files(kind != kMemory),
        store(in_files ? make_store_in(folder.store()) : make_memory_store()) {}

  const char* name;
  bool sealed;    // whether its collections are encrypted
  bool in_files;  // on LMDB
  TemporaryFolder folder;
  std::unique_ptr<Store> store;
};

/// A test case runs once for each: Engine engine(EACH_ENGINE).
#define EACH_ENGINE GENERATE(Engine::kSealed, Engine::kPlain, Engine::kMemory)
#define EACH_LMDB_ENGINE GENERATE(Engine::kSealed, Engine::kPlain)

inline constexpr int kDimension = 16;

inline CollectionRecord collection_record(std::string id, int dimension = kDimension, bool sealed = true) {
  CollectionRecord record;
  record.id = std::move(id);
  record.generation = Uuid::make();
  record.created = 1'700'000'000'123;
  record.binding = {
      "mobilefacenet", "0123abcd", dimension, {{0.1, 0.2, 0.3, 0.4, 0.5}, 1e-4, "pairs of a set"}};
  record.sealed = sealed;
  return record;
}

inline FaceRecord face_record(std::optional<Uuid> person = std::nullopt) {
  return {
      Uuid::make(), person.value_or(Uuid::make()), "Ada", {{"team", "blue"}, {"é", ""}}, 1'700'000'000'456};
}

inline std::vector<float> values_of(unsigned seed, std::size_t dimension = kDimension) {
  std::minstd_rand random(seed + 1);
  std::normal_distribution<float> normal;
  Template values(dimension);
  for (float& value : values) {
    value = normal(random);
  }
  return normalised(std::move(values));
}

/// Adds a face in a write of its own and answers its id.
inline Uuid add_face(Collection& collection, const FaceRecord& record, unsigned seed = 0) {
  const auto values = values_of(seed, static_cast<std::size_t>(collection.record().binding.dimension));
  collection.write([&](WriteTransaction& transaction) { transaction.add(record, values); });
  return record.face;
}

/// Another pack, and the templates it makes.
inline constexpr int kOtherDimension = 8;
inline PackBinding other_pack() {
  return {"other", "feed0123", kOtherDimension, {{0.2, 0.3, 0.4, 0.5, 0.6}, 1e-3, "another set"}};
}
inline std::vector<float> other_values(unsigned seed) {
  return values_of(1000 + seed, kOtherDimension);
}

/// Moves all faces to the other pack; a face's template is that of its slot.
inline void move_to_other_pack(Store& store, const std::string& id) {
  const auto side = store.migrations().begin(id, other_pack());
  std::vector<NewTemplate> templates;
  {
    const auto collection = store.open(id);
    collection->snapshot()->scan(0, [&](const TemplateRow& row) {
      templates.push_back({row.face, other_values(static_cast<unsigned>(row.slot))});
    });
  }
  side->put(templates);
  side->go_live([](const Becoming&) {});
}

/// The folder of the collection "staff".
inline std::filesystem::path staff_in(const std::filesystem::path& store) {
  return store / "collections" / "staff";
}

/// An update to a policy, whatever the present one is.
inline auto to(const Policy& policy) {
  return [policy](const CollectionRecord& /*present*/) { return policy; };
}

/// The Error that `work` throws; fails if it throws none.
inline Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("no error was thrown");
}

inline Cause cause_of(const std::function<void()>& work) {
  return error_of(work).cause();
}

inline bool same(const FaceRecord& a, const FaceRecord& b) {
  return a.face == b.face && a.person == b.person && a.name == b.name && a.metadata == b.metadata &&
         a.created == b.created;
}

}  // namespace facesearch::test
