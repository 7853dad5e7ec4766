// SPDX-License-Identifier: MIT
// What store.hpp promises of blocks of codes, of rewriting and of large changes, on every engine.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

// Codes, scale and error of the live rows of a block, by slot.
using Codes = std::map<std::uint64_t, std::vector<std::uint8_t>>;

void collect(const CodeBlock& block, Codes& codes) {
  for (std::size_t row = 0; row < block.rows; ++row) {
    if ((block.live[row / 64] >> (row % 64) & 1U) == 0) continue;
    const std::uint8_t* at = block.codes + row * block.stride;
    std::vector<std::uint8_t> bytes(at, at + block.stride);
    for (const float number : {block.scales[row], block.errors[row]}) {
      const auto* part = reinterpret_cast<const std::uint8_t*>(&number);
      bytes.insert(bytes.end(), part, part + sizeof number);
    }
    codes[block.first_slot + row] = std::move(bytes);
  }
}

Codes codes_in(const Snapshot& view) {
  Codes codes;
  const auto reader = view.code_reader();
  for (std::uint64_t block = 0; block < view.code_blocks(); ++block) collect(reader->read(block), codes);
  return codes;
}

// Every way to walk through a view tells the same.
void require_agreement(const Snapshot& view) {
  Codes wanted;
  std::vector<std::uint64_t> slots;
  std::map<std::uint64_t, std::pair<Uuid, std::vector<float>>> rows;
  std::map<Uuid, std::vector<std::uint64_t>> persons;
  view.scan(0, [&](const TemplateRow& row) {
    std::vector<std::uint8_t> codes(code_stride(row.values.size()));
    const CodeScale scale = encode_template(row.values, codes);
    for (const float number : {scale.scale, scale.error}) {
      const auto* part = reinterpret_cast<const std::uint8_t*>(&number);
      codes.insert(codes.end(), part, part + sizeof number);
    }
    wanted[row.slot] = std::move(codes);
    slots.push_back(row.slot);
    rows[row.slot] = {row.face, {row.values.begin(), row.values.end()}};
    persons[row.person].push_back(row.slot);
  });
  REQUIRE(slots.size() == view.face_count());
  REQUIRE(std::is_sorted(slots.begin(), slots.end()));
  REQUIRE(codes_in(view) == wanted);
  // In any order, and twice.
  std::minstd_rand random(11);
  std::shuffle(slots.begin(), slots.end(), random);
  slots.insert(slots.end(), slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(slots.size() / 3));
  auto expected = slots.begin();
  view.visit_templates(slots, [&](const TemplateRow& row) {
    REQUIRE(row.slot == *expected++);
    REQUIRE(row.face == rows.at(row.slot).first);
    REQUIRE(std::ranges::equal(row.values, rows.at(row.slot).second));
  });
  REQUIRE(expected == slots.end());
  for (const auto& [person, own] : persons) REQUIRE(view.slots_of(person) == own);
  REQUIRE(view.slots_of(Uuid::make()).empty());
}

Uuid add_one(WriteTransaction& transaction, unsigned seed, const Uuid& person) {
  const FaceRecord record = face_record(person);
  transaction.add(record, values_of(seed, kOtherDimension));
  return record.face;
}

}  // namespace

TEST_CASE("blocks of codes agree with the templates, changed and unchanged", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kOtherDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  require_agreement(*collection->snapshot());
  const std::vector<Uuid> persons{Uuid::make(), Uuid::make(), Uuid::make()};
  std::vector<Uuid> faces;
  std::minstd_rand random(3);
  for (const unsigned more : {1U, 900U, 300U, 1500U, 1U}) {
    struct GivenUp {};
    const auto change = [&](WriteTransaction& transaction, std::vector<Uuid>& now) {
      for (unsigned i = 0; i < more; ++i) {
        const auto seed = static_cast<unsigned>(transaction.next_slot());
        now.push_back(add_one(transaction, seed, persons[seed % persons.size()]));
        if (i == more / 2) require_agreement(transaction);
        if (random() % 3 == 0) {
          std::swap(now[random() % now.size()], now.back());
          REQUIRE(transaction.erase(now.back()));
          now.pop_back();
        }
      }
      require_agreement(transaction);
    };
    try {
      collection->write([&](WriteTransaction& transaction) {
        std::vector<Uuid> now = faces;
        change(transaction, now);
        throw GivenUp{};
      });
    } catch (const GivenUp&) {
    }
    const auto before = collection->snapshot();
    REQUIRE(before->face_count() == faces.size());
    require_agreement(*before);
    collection->write([&](WriteTransaction& transaction) {
      std::vector<Uuid> now = faces;
      change(transaction, now);
      faces = std::move(now);
    });
    require_agreement(*collection->snapshot());
    require_agreement(*before);
  }
  CHECK(engine.store->upkeep().check("staff").faces == faces.size());
}

TEST_CASE("many threads read the codes of one view", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kOtherDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 5000; ++i) add_one(transaction, i, Uuid::make());
  });
  const auto view = collection->snapshot();
  const Codes wanted = codes_in(*view);
  REQUIRE(wanted.size() == 5000);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      try {
        for (int k = 0; k < 5; ++k) right += codes_in(*view) == wanted ? 1 : 0;
      } catch (...) {  // NOLINT(bugprone-empty-catch): counts as wrong
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 20);
}

TEST_CASE("many threads read the ids of one view, and a write transaction those it has changed",
          "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kOtherDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  std::vector<Uuid> faces;
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 3000; ++i) {
      const FaceRecord record = face_record();
      transaction.add(record, values_of(i, kOtherDimension));
      faces.push_back(record.face);
    }
    for (unsigned i = 0; i < 3000; i += 7) transaction.erase(faces[i]);
  });
  using Ids = std::vector<std::tuple<std::uint64_t, Uuid, Uuid>>;
  const auto all_of = [](const Snapshot& view) {
    Ids ids;
    view.visit_ids(0, [&](std::span<const FaceIds> rows) {
      for (const FaceIds& row : rows) ids.emplace_back(row.slot, row.face, row.person);
      return true;
    });
    return ids;
  };
  const auto by_reader = [](const Snapshot& view) {
    Ids ids;
    const auto reader = view.id_reader();
    for (std::uint64_t block = 0; block < view.id_blocks(); ++block) {
      for (const FaceIds& row : reader->read(block)) ids.emplace_back(row.slot, row.face, row.person);
    }
    return ids;
  };
  const auto view = collection->snapshot();
  const Ids wanted = all_of(*view);
  REQUIRE(wanted.size() == 3000 - 429);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { right += by_reader(*view) == wanted ? 1 : 0; });
  }
  CHECK(right == 4);
  collection->write([&](WriteTransaction& transaction) {
    transaction.erase(faces[1]);
    CHECK(by_reader(transaction) == all_of(transaction));
    CHECK(by_reader(transaction).size() == wanted.size() - 1);
  });
  CHECK(by_reader(*view) == wanted);
}

TEST_CASE("a template that is not of length 1 is refused", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  std::vector<float> longer = values_of(1);
  for (float& value : longer) value *= 1.00001F;
  std::vector<float> shorter = values_of(1);
  for (float& value : shorter) value *= 0.5F;
  std::vector<float> none(kDimension, std::numeric_limits<float>::quiet_NaN());
  std::vector<float> huge(kDimension, std::numeric_limits<float>::max());
  const std::vector<float> zero(kDimension, 0.0F);
  collection->write([&](WriteTransaction& transaction) {
    for (const auto& bad : {longer, shorter, none, huge, zero}) {
      CHECK(error_of([&] { transaction.add(face_record(), bad); }).reason() == "TEMPLATE_INVALID");
    }
    transaction.add(face_record(), values_of(1));
  });
  CHECK(collection->snapshot()->face_count() == 1);
  const auto side = engine.store->migrations().begin("staff", other_pack());
  const Uuid face = collection->snapshot()->page("", 0, 1).faces.at(0).face;
  CHECK(error_of([&] {
          side->put({{face, std::vector<float>(kOtherDimension, 0.0F)}});
        }).reason() == "TEMPLATE_INVALID");
}

TEST_CASE("records may be larger than a block's limit, and not larger than theirs", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  std::vector<FaceRecord> records;
  {
    const auto collection = engine.store->open("staff");
    for (const std::size_t size : {900U, 980U, 1000U, 1024U, 1100U, 5000U, 100'000U, 0U}) {
      records.push_back(face_record());
      records.back().metadata["long"] = std::string(size, 'x');
    }
    collection->write([&](WriteTransaction& transaction) {
      for (unsigned i = 0; i < records.size(); ++i) {
        transaction.add(records[i], values_of(i));
        REQUIRE(same(*transaction.find_face(records[i].face), records[i]));
      }
      FaceRecord over = face_record();
      over.metadata["long"] = std::string(200'000, 'x');
      CHECK(error_of([&] { transaction.add(over, values_of(1)); }).reason() == "RECORD_INVALID");
      CHECK(transaction.face_count() == records.size());
    });
    collection->write([&](WriteTransaction& transaction) {
      REQUIRE(transaction.erase(records[5].face));
      REQUIRE(transaction.erase(records[0].face));
    });
  }
  for (int round = 0; round < 2; ++round) {
    const auto collection = engine.store->open("staff");
    const auto view = collection->snapshot();
    for (unsigned i = 0; i < records.size(); ++i) {
      const auto found = view->find_face(records[i].face);
      CHECK(found.has_value() == (i != 5 && i != 0));
      if (found) CHECK(same(*found, records[i]));
    }
    CHECK(engine.store->upkeep().check("staff").faces == records.size() - 2);
  }
  engine.store->upkeep().rewrite("staff", records[6].face);
  CHECK(engine.store->upkeep().check("staff").faces == records.size() - 3);
  CHECK(same(*engine.store->open("staff")->snapshot()->find_face(records[4].face), records[4]));
}

TEST_CASE("many blocks, made out of order, with leaves that follow each other", "[conformance]") {
  // One template a block, so some of them fill a leaf of the manifest: 240.
  constexpr int kWide = 16'384;
  constexpr unsigned kFaces = 700;  // and 46 MB of templates, so a change is put down in parts
  Engine engine(EACH_LMDB_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kOtherDimension, engine.sealed));
  std::vector<Uuid> faces;
  store.open("staff")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < kFaces; ++i) faces.push_back(add_one(transaction, i, Uuid::make()));
  });
  PackBinding wide = other_pack();
  wide.dimension = kWide;
  const auto wide_values = [](unsigned seed) {
    std::vector<float> values(kWide, 0.0F);
    values[seed] = 0.6F;
    values[seed + 1000] = -0.8F;
    return values;
  };
  const auto side = store.migrations().begin("staff", wide);
  const auto put = [&](std::initializer_list<unsigned> places) {
    std::vector<NewTemplate> templates;
    for (const unsigned i : places) templates.push_back({faces[i], wide_values(i)});
    side->put(templates);
  };
  put({699});  // as far behind as there is
  put({0, 500});
  put({240, 239, 241, 480, 479});
  put({3});
  Becoming seen;
  side->go_live([&](const Becoming& next) { seen = next; });
  CHECK(seen.faces == 9);
  CHECK(seen.left_out.size() == kFaces - 9);
  const auto check = [&](const Snapshot& view) {
    for (const unsigned i : {0U, 3U, 239U, 240U, 241U, 479U, 480U, 500U, 699U}) {
      REQUIRE(view.find_template(faces[i]) == wide_values(i));
    }
    require_agreement(view);
  };
  check(*store.open("staff")->snapshot());
  CHECK(store.upkeep().check("staff").faces == 9);
  // More than 64 MiB in one change.
  std::vector<Uuid> added;
  store.open("staff")->write([&](WriteTransaction& transaction) {
    added.clear();
    for (unsigned i = 0; i < 1100; ++i) {
      const FaceRecord record = face_record();
      transaction.add(record, wide_values(2000 + i));
      added.push_back(record.face);
    }
    REQUIRE(transaction.erase(faces[240]));
    REQUIRE(transaction.erase(added[5]));
    REQUIRE(transaction.find_template(added[6]) == wide_values(2006));
    REQUIRE(transaction.find_face(added[7]));
  });
  const auto collection = store.open("staff");
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 9 + 1100 - 2);
  CHECK_FALSE(view->find_face(faces[240]));
  CHECK_FALSE(view->find_face(added[5]));
  for (const unsigned i : {0U, 4U, 6U, 239U, 240U, 511U, 512U, 1099U}) {
    CHECK(view->find_template(added[i]) == wide_values(2000 + i));
  }
  CHECK(store.upkeep().check("staff").faces == 1107);
}
