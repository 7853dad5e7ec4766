// SPDX-License-Identifier: MIT
// What store.hpp promises of a collection, on every engine. A new engine is one more type in ENGINES.
#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <thread>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

std::vector<Uuid> faces_in(const Snapshot& view, std::uint64_t first_slot = 0) {
  std::vector<Uuid> faces;
  view.scan(first_slot, [&](const TemplateRow& row) { faces.push_back(row.face); });
  return faces;
}

}  // namespace

TEMPLATE_TEST_CASE("a face is found with all that was stored of it", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  FaceRecord record = face_record();
  record.name = std::string("any bytes \xff\0 at all", 18);
  record.created = -5;
  add_face(*collection, record, 4);
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 1);
  REQUIRE(view->find_face(record.face));
  CHECK(same(*view->find_face(record.face), record));
  CHECK(view->find_template(record.face) == values_of(4));
  CHECK(view->has_person(record.person));
  CHECK_FALSE(view->has_person(record.face));
  CHECK_FALSE(view->was_erased(record.face));
  CHECK_FALSE(view->find_face(Uuid::make()));
  CHECK_FALSE(view->find_template(Uuid::make()));
  CHECK_FALSE(view->was_erased(Uuid::make()));
}

TEMPLATE_TEST_CASE("scan visits the rows from a slot on in order of slots", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  std::vector<FaceRecord> records(700);
  std::generate(records.begin(), records.end(), [] { return face_record(); });
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < records.size(); ++i) {
      transaction.add(records[i], values_of(i));
    }
    transaction.erase(records[3].face);
    CHECK(transaction.face_count() == records.size() - 1);
  });
  const auto view = collection->snapshot();
  for (const std::uint64_t first : {0U, 1U, 3U, 4U, 300U, 699U, 700U, 1000U}) {
    std::uint64_t expected = first == 3 ? 4 : first;
    view->scan(first, [&](const TemplateRow& row) {
      REQUIRE(row.slot == expected);
      REQUIRE(row.face == records[row.slot].face);
      REQUIRE(row.person == records[row.slot].person);
      REQUIRE(std::vector(row.values.begin(), row.values.end()) ==
              values_of(static_cast<unsigned>(row.slot)));
      expected = row.slot + 1 == 3 ? 4 : row.slot + 1;
    });
    CHECK(expected == std::max<std::uint64_t>(first, records.size()));
  }
}

TEMPLATE_TEST_CASE("an erased face is gone and known to be", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  const Uuid person = Uuid::make();
  const Uuid first = add_face(*collection, face_record(person), 1);
  const Uuid second = add_face(*collection, face_record(person), 2);
  collection->write([&](WriteTransaction& transaction) {
    CHECK_FALSE(transaction.erase(Uuid::make()));
    CHECK(transaction.erase(first));
    CHECK_FALSE(transaction.erase(first));
    CHECK(transaction.was_erased(first));
  });
  auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 2);
  CHECK_FALSE(view->find_face(first));
  CHECK_FALSE(view->find_template(first));
  CHECK(view->was_erased(first));
  CHECK_FALSE(view->was_erased(second));
  CHECK(view->has_person(person));
  CHECK(faces_in(*view) == std::vector{second});

  collection->write([&](WriteTransaction& transaction) { CHECK(transaction.erase(second)); });
  view = collection->snapshot();
  CHECK(view->face_count() == 0);
  CHECK_FALSE(view->has_person(person));
  CHECK(faces_in(*view).empty());
  // A slot is never used again, an id neither.
  const Uuid third = add_face(*collection, face_record(person), 3);
  CHECK(collection->snapshot()->next_slot() == 3);
  CHECK(collection->snapshot()->has_person(person));
  FaceRecord again = face_record();
  for (const Uuid& used : {first, third}) {
    again.face = used;
    CHECK(error_of([&] { add_face(*collection, again); }).reason() == "FACE_ID_USED");
  }
}

TEMPLATE_TEST_CASE("erased faces are known over generations", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  std::vector<Uuid> old_faces;
  for (int generation = 0; generation < 3; ++generation) {
    store.create(collection_record("staff", kDimension, TestType::kSealed));
    auto collection = store.open("staff");
    const Uuid live = add_face(*collection, face_record());
    const Uuid erased = add_face(*collection, face_record());
    collection->write([&](WriteTransaction& transaction) { transaction.erase(erased); });
    {
      const auto view = collection->snapshot();
      for (const Uuid& face : old_faces) {
        CHECK(view->was_erased(face));
        CHECK_FALSE(view->find_face(face));
      }
      CHECK_FALSE(view->was_erased(live));
      CHECK_FALSE(view->was_erased(Uuid::make()));
    }
    if (!old_faces.empty()) {
      FaceRecord again = face_record();
      again.face = old_faces.front();
      CHECK(error_of([&] { add_face(*collection, again); }).reason() == "FACE_ID_USED");
    }
    old_faces.insert(old_faces.end(), {live, erased});
    collection.reset();
    store.remove("staff");
  }
}

TEMPLATE_TEST_CASE("an exception leaves the collection as it was", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  const Uuid kept = add_face(*collection, face_record());
  const FaceRecord lost = face_record();
  CHECK_THROWS_AS(collection->write([&](WriteTransaction& transaction) {
    transaction.add(lost, values_of(1));
    transaction.erase(kept);
    CHECK(transaction.find_face(lost.face));
    CHECK_FALSE(transaction.find_face(kept));
    throw std::runtime_error("stop");
  }),
                  std::runtime_error);
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 1);
  CHECK(view->find_face(kept));
  CHECK_FALSE(view->was_erased(kept));
  CHECK_FALSE(view->find_face(lost.face));
  CHECK_FALSE(view->has_person(lost.person));
  // The collection can be written to as before, and an add that was refused does no harm if it is caught.
  collection->write([&](WriteTransaction& transaction) {
    transaction.add(lost, values_of(1));
    CHECK_THROWS_AS(transaction.add(lost, values_of(1)), Error);
  });
  CHECK(collection->snapshot()->face_count() == 2);
}

TEMPLATE_TEST_CASE("a template that does not fit is refused", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  auto infinite = values_of(1);
  infinite[5] = std::numeric_limits<float>::infinity();
  auto not_a_number = values_of(1);
  not_a_number[kDimension - 1] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& values : {values_of(1, kDimension - 1), values_of(1, kDimension + 1), std::vector<float>(),
                             infinite, not_a_number}) {
    CHECK(error_of([&] {
            collection->write([&](WriteTransaction& transaction) { transaction.add(face_record(), values); });
          }).reason() == "TEMPLATE_INVALID");
  }
  CHECK(collection->snapshot()->face_count() == 0);
  for (const int dimension : {0, -1, 1 << 20}) {
    CHECK(cause_of([&] { engine.store->create(collection_record("wide", dimension, TestType::kSealed)); }) ==
          Cause::kInvalidValue);
  }
  CHECK(engine.store->state("wide") == CollectionState::kNever);
}

TEMPLATE_TEST_CASE("a snapshot sees nothing that comes after it", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  const FaceRecord record = face_record();
  add_face(*collection, record);
  const auto before = collection->snapshot();
  collection->write([&](WriteTransaction& transaction) {
    transaction.erase(record.face);
    transaction.add(face_record(), values_of(2));
    transaction.add(face_record(), values_of(3));
    CHECK(before->face_count() == 1);
  });
  CHECK(before->face_count() == 1);
  CHECK(before->next_slot() == 1);
  CHECK(before->find_face(record.face));
  CHECK_FALSE(before->was_erased(record.face));
  CHECK(before->has_person(record.person));
  CHECK(faces_in(*before) == std::vector{record.face});
  CHECK(before->page("", 0, 10).total == 1);
  CHECK(collection->snapshot()->face_count() == 2);
}

TEMPLATE_TEST_CASE("pages are in order of slots, with and without a term", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  CHECK(collection->snapshot()->page("", 0, 50).total == 0);
  std::vector<FaceRecord> live;
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 230; ++i) {
      live.push_back(face_record());
      live.back().name = std::to_string(i);
      transaction.add(live.back(), values_of(i));
    }
  });
  const bool with_erased = GENERATE(false, true);
  if (with_erased) {
    collection->write([&](WriteTransaction& transaction) {
      for (const std::size_t i : {200U, 101U, 100U, 0U}) {
        transaction.erase(live[i].face);
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(i));
      }
    });
  }
  const auto view = collection->snapshot();
  const std::string one = live[77].face.text();
  for (const std::string& term : {std::string(), std::string("-7"), one, one.substr(20), one.substr(3, 9),
                                  std::string("zzzzz"), std::string("a")}) {
    std::vector<FaceRecord> matching;
    std::copy_if(live.begin(), live.end(), std::back_inserter(matching), [&](const FaceRecord& record) {
      return record.face.text().find(term) != std::string::npos;
    });
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{50}, std::uint64_t{199}, std::uint64_t{226}, std::uint64_t{5000},
          std::numeric_limits<std::uint64_t>::max()}) {
      for (const std::size_t limit : {0U, 1U, 50U, 1000U}) {
        CAPTURE(term, offset, limit);
        const FacePage page = view->page(term, offset, limit);
        REQUIRE(page.total == matching.size());
        const std::size_t start = std::min<std::uint64_t>(offset, matching.size());
        REQUIRE(page.faces.size() == std::min(limit, matching.size() - start));
        for (std::size_t i = 0; i < page.faces.size(); ++i) {
          REQUIRE(same(page.faces[i], matching[start + i]));
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("writers of many threads lose nothing", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 15;
  const auto shared = engine.store->open("staff");
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      try {
        const auto own = engine.store->open("staff");
        Collection& collection = t % 2 == 0 ? *shared : *own;
        for (std::size_t i = 0; i < kEach; ++i) {
          const std::uint64_t before = collection.snapshot()->face_count();
          const Uuid face = add_face(collection, face_record());
          const auto after = collection.snapshot();
          failures += after->face_count() > before && after->find_face(face) ? 0 : 1;
        }
      } catch (...) {
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  const std::vector<Uuid> faces = faces_in(*shared->snapshot());
  CHECK(faces.size() == kThreads * kEach);
  CHECK(std::set(faces.begin(), faces.end()).size() == faces.size());
}

TEMPLATE_TEST_CASE("random changes agree with a slow obvious reference", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const auto collection = engine.store->open("staff");
  std::map<std::uint64_t, FaceRecord> live;
  std::vector<Uuid> persons{Uuid::make(), Uuid::make(), Uuid::make(), Uuid::make()};
  std::set<Uuid> erased;
  std::uint64_t next = 0;
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    auto new_live = live;
    auto new_erased = erased;
    auto new_next = next;
    const bool roll_back = random() % 4 == 0;
    try {
      collection->write([&](WriteTransaction& transaction) {
        new_live = live, new_erased = erased, new_next = next;
        for (auto step = random() % 30; step > 0; --step) {
          if (new_live.empty() || random() % 3 != 0) {
            const FaceRecord record = face_record(persons[random() % persons.size()]);
            transaction.add(record, values_of(static_cast<unsigned>(new_next)));
            new_live[new_next++] = record;
          } else {
            const auto victim =
                std::next(new_live.begin(), static_cast<std::ptrdiff_t>(random() % new_live.size()));
            REQUIRE(transaction.erase(victim->second.face));
            new_erased.insert(victim->second.face);
            new_live.erase(victim);
          }
        }
        if (roll_back) {
          throw std::runtime_error("stop");
        }
      });
      live = new_live, erased = new_erased, next = new_next;
    } catch (const std::runtime_error&) {
      REQUIRE(roll_back);
    }
    const auto view = collection->snapshot();
    REQUIRE(view->face_count() == live.size());
    REQUIRE(view->next_slot() == next);
    auto expected = live.begin();
    view->scan(0, [&](const TemplateRow& row) {
      REQUIRE(expected != live.end());
      REQUIRE(row.slot == expected->first);
      REQUIRE(row.face == expected->second.face);
      ++expected;
    });
    REQUIRE(expected == live.end());
    for (const Uuid& face : erased) {
      REQUIRE(view->was_erased(face));
    }
    for (const Uuid& person : persons) {
      REQUIRE(view->has_person(person) == std::any_of(live.begin(), live.end(), [&](const auto& entry) {
                return entry.second.person == person;
              }));
    }
  }
}
