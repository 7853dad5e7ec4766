// SPDX-License-Identifier: MIT
// The map of a data file, which grows with it.
#include <algorithm>
#include <chrono>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

TEST_CASE("the map grows as often as it has to", "[lmdb]") {
  const TemporaryFolder folder;
  StoreOptions options = options_of(folder.store());
  options.map_bytes = 256 << 10;
  options.lock_timeout = std::chrono::milliseconds(300);
  const auto store = create_lmdb_store(folder.store(), options);
  store->create(collection_record("staff", 128));
  const auto collection = store->open("staff");
  int runs = 0;
  std::vector<FaceRecord> records(3000);
  std::generate(records.begin(), records.end(), [] { return face_record(); });
  collection->write([&](WriteTransaction& transaction) {
    ++runs;
    for (unsigned i = 0; i < records.size(); ++i) {
      transaction.add(records[i], values_of(i, 128));
    }
  });
  CHECK(runs > 3);
  {
    const auto view = collection->snapshot();
    CHECK(view->face_count() == records.size());
    CHECK(view->next_slot() == records.size());
    CHECK(view->find_template(records.back().face) == values_of(2999, 128));
    // A view of this process keeps the map where it is: busy, and nothing is half done.
    std::vector<FaceRecord> more(30'000);
    std::generate(more.begin(), more.end(), [] { return face_record(); });
    const auto add_more = [&](WriteTransaction& transaction) {
      for (const FaceRecord& record : more) {
        transaction.add(record, values_of(1, 128));
      }
    };
    CHECK(error_of([&] { collection->write(add_more); }).reason() == "MAP_IN_USE");
    CHECK(view->find_template(records.front().face) == values_of(0, 128));
  }
  CHECK(collection->snapshot()->face_count() == records.size());
  // Who swallows the signal to grow does not lose the change.
  collection->write([&](WriteTransaction& transaction) {
    for (int i = 0; i < 8000; ++i) {
      try {
        transaction.add(face_record(), values_of(1, 128));
      } catch (...) {  // NOLINT(bugprone-empty-catch)
      }
    }
  });
  CHECK(collection->snapshot()->face_count() == records.size() + 8000);
}
