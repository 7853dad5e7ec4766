// SPDX-License-Identifier: MIT
// Faces that are enrolled one by one, or few at a time, among all else that happens to a collection: what is
// read is what was written, whether it lies in the tail or in blocks.
#include <algorithm>
#include <map>
#include <set>

#include "facesearch/core/template_codes.hpp"
#include "store/backup_fixtures.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

struct Added {
  FaceRecord record;
  std::vector<float> values;
};

using Faces = std::map<std::uint64_t, Added>;  // by slot

FaceRecord some_face(const Uuid& person, std::uint64_t number) {
  FaceRecord record = face_record(person);
  record.name = "face " + std::to_string(number);
  if (number % 37 == 36) record.metadata["long"] = std::string(1'500, 'x');
  return record;
}

void require_codes(const Snapshot& view, const Faces& faces) {
  const auto reader = view.code_reader();
  std::size_t found = 0;
  for (std::uint64_t number = 0; number < view.code_blocks(); ++number) {
    const CodeBlock block = reader->read(number);
    for (std::size_t row = 0; row < block.rows; ++row) {
      if ((block.live[row / 64] >> (row % 64) & 1U) == 0) continue;
      const Added& face = faces.at(block.first_slot + row);
      std::vector<std::uint8_t> codes(block.stride);
      const CodeScale scale = encode_template(face.values, codes);
      REQUIRE(scale.scale == block.scales[row]);
      REQUIRE(scale.error == block.errors[row]);
      REQUIRE(std::equal(codes.begin(), codes.end(), block.codes + row * block.stride));
      ++found;
    }
  }
  REQUIRE(found == faces.size());
}

void require_ids(const Snapshot& view, const Faces& faces) {
  const auto reader = view.id_reader();
  std::size_t found = 0;
  for (std::uint64_t number = 0; number < view.id_blocks(); ++number) {
    for (const FaceIds& ids : reader->read(number)) {
      const FaceRecord& record = faces.at(ids.slot).record;
      REQUIRE((ids.face == record.face && ids.person == record.person));
      ++found;
    }
  }
  REQUIRE(found == faces.size());
}

// Every way to read the view tells these faces.
void require_faces(const Snapshot& view, const Faces& faces, const std::vector<Uuid>& persons) {
  REQUIRE(view.face_count() == faces.size());
  auto next = faces.begin();
  view.scan(0, [&](const TemplateRow& row) {
    REQUIRE(row.slot == next->first);
    REQUIRE((row.face == next->second.record.face && row.person == next->second.record.person));
    REQUIRE(std::ranges::equal(row.values, next->second.values));
    ++next;
  });
  REQUIRE(next == faces.end());
  next = faces.begin();
  view.visit_records(0, [&](const FaceRecord& record) {
    REQUIRE(same(record, next->second.record));
    ++next;
  });
  REQUIRE(next == faces.end());
  std::map<Uuid, std::vector<std::uint64_t>> slots;
  for (const auto& [slot, face] : faces) {
    slots[face.record.person].push_back(slot);
    REQUIRE(same(*view.find_face(face.record.face), face.record));
    REQUIRE(view.find_template(face.record.face) == face.values);
  }
  for (const Uuid& person : persons) {
    REQUIRE(view.slots_of(person) == slots[person]);
    REQUIRE(view.has_person(person) == !slots[person].empty());
  }
  require_codes(view, faces);
  require_ids(view, faces);
}

// The same, with slots of their own.
Faces renumbered(const Faces& faces) {
  Faces anew;
  for (const auto& [slot, face] : faces) anew[anew.size()] = face;
  return anew;
}

// A collection, and what must be in it.
class Reference {
 public:
  Reference(Engine& engine, int dimension)
      : engine_(engine), dimension_(static_cast<std::size_t>(dimension)) {
    engine.store->create(collection_record("staff", dimension, engine.sealed));
    collection_ = engine.store->open("staff");
    for (int i = 0; i < 4; ++i) persons.push_back(Uuid::make());
  }

  // One transaction of few changes, most of them new faces; it may be given up.
  void write(std::minstd_rand& random) {
    struct GivenUp {};
    Faces now;
    std::set<Uuid> gone;
    std::uint64_t next = 0;
    const bool give_up = random() % 8 == 0;
    const auto steps = random() % 10 == 0 ? 70 : random() % 3;  // more than the tail takes
    try {
      collection_->write([&](WriteTransaction& transaction) {
        now = faces, gone = erased, next = next_slot;
        for (auto step = steps; step > 0; --step) change(transaction, random, now, gone, next);
        if (random() % 4 == 0) require_faces(transaction, now, persons);
        if (give_up) throw GivenUp{};
      });
      faces = now, erased = gone, next_slot = next;
    } catch (const GivenUp&) {
    }
  }

  void compact() {
    collection_.reset();
    engine_.store->upkeep().rewrite("staff", std::nullopt);
    faces = renumbered(faces);
    next_slot = faces.size();
    collection_ = engine_.store->open("staff");
  }

  void require() const {
    const auto view = collection_->snapshot();
    REQUIRE(view->next_slot() == next_slot);
    require_faces(*view, faces, persons);
    for (const Uuid& face : erased) REQUIRE((view->was_erased(face) && !view->find_face(face)));
  }

  Faces faces;
  std::set<Uuid> erased;
  std::uint64_t next_slot = 0;
  std::vector<Uuid> persons;

 private:
  void change(WriteTransaction& transaction, std::minstd_rand& random, Faces& now, std::set<Uuid>& gone,
              std::uint64_t& next) const {
    const auto what = random() % 30;
    if (now.empty() || what < 27) {
      Added face{some_face(persons[random() % persons.size()], next),
                 values_of(static_cast<unsigned>(next), dimension_)};
      transaction.add(face.record, face.values);
      now[next++] = std::move(face);
      return;
    }
    // Often one of the last.
    const std::size_t back =
        random() % (random() % 2 == 0 ? now.size() : std::min<std::size_t>(5, now.size()));
    const auto victim = std::prev(now.end(), static_cast<std::ptrdiff_t>(back) + 1);
    if (what == 27) {
      victim->second.record.person = persons[random() % persons.size()];
      victim->second.record.name = std::string(random() % 2 == 0 ? 5 : 2'000, 'n');
      REQUIRE(transaction.update(victim->second.record));
    } else {
      REQUIRE(transaction.erase(victim->second.record.face));
      gone.insert(victim->second.record.face);
      now.erase(victim);
    }
  }

  Engine& engine_;
  std::size_t dimension_;
  std::unique_ptr<Collection> collection_;
};

}  // namespace

TEST_CASE("few faces at a time among other changes agree with a slow obvious reference",
          "[conformance][tail]") {
  Engine engine(EACH_ENGINE);
  const int dimension = GENERATE(16, 2048);  // a block of templates holds many, and few
  CAPTURE(engine.name, dimension);
  Reference reference(engine, dimension);
  std::minstd_rand random(17);
  const int rounds = dimension == 16 ? 250 : 60;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    reference.write(random);
    reference.require();
    if (round % 20 == 19) CHECK(engine.store->upkeep().check("staff").faces == reference.faces.size());
    if (round % 100 == 99) reference.compact();
  }
  CHECK(reference.erased.size() > 5);
}

TEST_CASE("a snapshot keeps the faces it has while later ones come and move to their blocks",
          "[conformance][tail]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Reference reference(engine, kDimension);
  std::minstd_rand random(3);
  const auto collection = engine.store->open("staff");
  std::vector<std::pair<std::unique_ptr<Snapshot>, Faces>> views;
  for (int round = 0; round < 120; ++round) {
    if (round % 9 == 0) views.emplace_back(collection->snapshot(), reference.faces);
    reference.write(random);
  }
  for (const auto& [view, faces] : views) require_faces(*view, faces, reference.persons);
}

TEST_CASE("faces that were enrolled one by one move to another pack and back, are repaired and restored",
          "[conformance][tail][backup][repair]") {
  Engine engine(EACH_LMDB_ENGINE);
  CAPTURE(engine.name);
  const TemporaryFolder folder;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  std::vector<Uuid> faces;
  const auto add = [&](int count, int dimension) {
    const auto collection = store.open("staff");
    for (int i = 0; i < count; ++i) {
      const FaceRecord record = face_record();
      const auto values = values_of(static_cast<unsigned>(faces.size()), static_cast<std::size_t>(dimension));
      collection->write([&](WriteTransaction& transaction) { transaction.add(record, values); });
      faces.push_back(record.face);
    }
  };
  const auto faces_of = [&](const std::string& id) {
    CHECK(store.upkeep().check(id).faces > 0);
    std::vector<Uuid> found;
    store.open(id)->snapshot()->scan(0, [&](const TemplateRow& row) { found.push_back(row.face); });
    return found;
  };
  add(70, kDimension);
  REQUIRE(faces_of("staff") == faces);

  CHECK(store.upkeep().repair("staff", "saved", false).whole());
  CHECK(faces_of("saved") == faces);
  CHECK(back_up(store, folder.path() / "backup").collections.size() == 2);
  store.remove("saved");
  store.backups().restore(restoring(folder.path() / "backup", {"staff"}, "again"));
  CHECK(faces_of("again") == faces);

  move_to_other_pack(store, "staff");
  CHECK(faces_of("staff") == faces);
  SECTION("back") {
    const Uuid gone = faces.at(68);  // it is in the tail of the side that is kept
    store.open("staff")->write([&](WriteTransaction& transaction) { CHECK(transaction.erase(gone)); });
    store.migrations().revert("staff", [](CollectionRecord&) {});
    std::erase(faces, gone);
    CHECK(faces_of("staff") == faces);
    add(3, kDimension);
    CHECK(faces_of("staff") == faces);
  }
  SECTION("back without a change") {
    store.migrations().revert("staff", [](CollectionRecord&) {});
    add(3, kDimension);
    CHECK(faces_of("staff") == faces);
  }
  SECTION("for good") {
    add(5, kOtherDimension);
    store.migrations().confirm("staff");
    add(2, kOtherDimension);
    CHECK(faces_of("staff") == faces);
  }
}
