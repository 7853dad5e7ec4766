// SPDX-License-Identifier: MIT
// Many processes on one store.
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "facesearch/store/files/file_lock.hpp"
#include "store/fixtures.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

StoreOptions impatient(const fs::path& folder, int wait_ms) {
  StoreOptions options = options_of(folder);
  options.lock_timeout = milliseconds(wait_ms);
  return options;
}

std::vector<Uuid> acknowledged(const fs::path& file) {
  std::vector<Uuid> faces;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    faces.push_back(Uuid::parse(line).value());
  }
  return faces;
}

bool has_leftovers(const fs::path& store) {
  return std::any_of(fs::directory_iterator(store), {}, [](const fs::directory_entry& entry) {
    return entry.path().filename().string().front() == '.';
  });
}

}  // namespace

TEST_CASE("a wait for a lock advises --lock-timeout only where that is its length") {
  storage::Patience patience(milliseconds(10'000));
  CHECK(patience.waited() == "waited 10.0 s for it; try again or raise --lock-timeout");
  patience.is_given = false;
  CHECK(patience.waited() == "waited 10.0 s for it; try again");
}

TEST_CASE("sixteen processes add while four read: nothing is lost", "[processes]") {
  constexpr std::size_t kWriters = 16;
  constexpr std::size_t kEach = 12;
  const TemporaryFolder folder;
  const std::string store = folder.store();
  make_store_in(store)->create(collection_record("staff"));
  std::vector<pid_t> workers;
  for (std::size_t i = 0; i < kWriters; ++i) {
    workers.push_back(start_worker(
        {"add", store, "staff", std::to_string(kEach), folder.path() / ("faces" + std::to_string(i))}));
  }
  for (int i = 0; i < 4; ++i) {
    workers.push_back(start_worker({"read", store, "staff", std::to_string(kWriters * kEach)}));
  }
  for (const pid_t worker : workers) {
    CHECK(end_of(worker) == 0);
  }
  const auto opened = open_store_in(store);
  const auto collection = opened->open("staff");
  const auto view = collection->snapshot();
  CHECK(view->face_count() == kWriters * kEach);
  for (std::size_t i = 0; i < kWriters; ++i) {
    const auto faces = acknowledged(folder.path() / ("faces" + std::to_string(i)));
    CHECK(faces.size() == kEach);
    for (const Uuid& face : faces) {
      CHECK(view->find_face(face));
    }
  }
}

TEST_CASE("no acknowledged face is forgotten while others make and delete its collection", "[processes]") {
  const TemporaryFolder folder;
  const std::string store = folder.store();
  make_store_in(store);
  std::vector<pid_t> workers;
  for (int i = 0; i < 2; ++i) {
    workers.push_back(start_worker({"churn", store, "staff", "3"}));
  }
  for (int i = 0; i < 4; ++i) {
    workers.push_back(
        start_worker({"try_add", store, "staff", "3", folder.path() / ("faces" + std::to_string(i))}));
  }
  for (const pid_t worker : workers) {
    CHECK(end_of(worker) == 0);
  }
  const auto opened = open_store_in(store);
  CHECK_FALSE(has_leftovers(store));
  if (opened->state("staff") != CollectionState::kLive) {
    opened->create(collection_record("staff"));
  }
  const auto collection = opened->open("staff");
  const auto view = collection->snapshot();
  std::set<Uuid> faces;
  for (int i = 0; i < 4; ++i) {
    for (const Uuid& face : acknowledged(folder.path() / ("faces" + std::to_string(i)))) {
      CHECK(view->find_face(face).has_value() != view->was_erased(face));
      CHECK(faces.insert(face).second);
    }
  }
  CHECK(!faces.empty());  // how many depends on the machine
}

TEST_CASE("a process that is killed leaves the old state or the new one", "[processes]") {
  const TemporaryFolder folder;
  const std::string store = folder.store();
  make_store_in(store);
  std::set<Uuid> faces;
  for (int round = 0; round < 12; ++round) {
    const fs::path file = folder.path() / ("faces" + std::to_string(round));
    const pid_t churner = start_worker({"churn", store, "staff", "60"});
    const pid_t adder = start_worker({"try_add", store, "staff", "60", file});
    std::this_thread::sleep_for(milliseconds(150 + 17 * round));
    ::kill(round % 2 == 0 ? churner : adder, SIGKILL);
    ::kill(round % 2 == 0 ? adder : churner, SIGKILL);
    CHECK(end_of(churner) == -SIGKILL);
    CHECK(end_of(adder) == -SIGKILL);
    const auto opened = open_store_in(store);
    CHECK_FALSE(has_leftovers(store));
    if (opened->state("staff") != CollectionState::kLive) {
      opened->create(collection_record("staff"));
    }
    const auto added = acknowledged(file);
    faces.insert(added.begin(), added.end());
    const auto collection = opened->open("staff");
    faces.insert(add_face(*collection, face_record()));
    const auto view = collection->snapshot();
    for (const Uuid& face : faces) {
      REQUIRE(view->find_face(face).has_value() != view->was_erased(face));
    }
  }
}

TEST_CASE("who waits for a stopped process is told so in time", "[processes]") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff"));
  const pid_t holder = start_worker({"stop", folder.store(), "staff"});
  int status = 0;
  REQUIRE(::waitpid(holder, &status, WUNTRACED) == holder);
  REQUIRE(WIFSTOPPED(status));
  const auto store = open_lmdb_store(folder.store(), impatient(folder.store(), 200));
  {
    const auto collection = store->open("staff");
    CHECK(collection->snapshot()->face_count() == 0);
    const auto start = std::chrono::steady_clock::now();
    const Error error = error_of([&] { add_face(*collection, face_record()); });
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(error.cause() == Cause::kStoreBusy);
    CHECK(error.reason() == "LOCK_TIMEOUT");
    CHECK(error.detail() ==
          "collection 'staff' is in use; waited 0.2 s for it; try again or raise --lock-timeout");
    CHECK(took >= milliseconds(200));
    CHECK(took < milliseconds(2000));
    CHECK(cause_of([&] { store->open("staff")->update_policy(to({})); }) == Cause::kStoreBusy);
  }
  CHECK(cause_of([&] { store->remove("staff"); }) == Cause::kStoreBusy);
  CHECK(store->state("staff") == CollectionState::kLive);
  CHECK_NOTHROW(store->create(collection_record("other")));
  ::kill(holder, SIGKILL);
  CHECK(end_of(holder) == -SIGKILL);
  const auto collection = store->open("staff");
  CHECK(collection->snapshot()->face_count() == 0);
  add_face(*collection, face_record());
  CHECK(collection->snapshot()->face_count() == 1);
}

TEST_CASE("a waiting deletion is not starved by those who come and go", "[processes]") {
  const TemporaryFolder folder;
  const auto store = create_lmdb_store(folder.store(), impatient(folder.store(), 5000));
  store->create(collection_record("staff"));
  std::atomic<bool> gone = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&, i] {
      std::this_thread::sleep_for(milliseconds(5 * i));
      while (!gone) {
        try {
          const auto collection = store->open("staff");
          std::this_thread::sleep_for(milliseconds(20));
        } catch (const Error& error) {
          failures += error.cause() == Cause::kCollectionDeleted ? 0 : 1;
          gone = true;
        }
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(100));
  CHECK_NOTHROW(store->remove("staff"));
  for (std::thread& reader : readers) {
    reader.join();
  }
  CHECK(failures == 0);
}

#ifndef __SANITIZE_ADDRESS__  // which needs terabytes of address space
TEST_CASE("a process with little address space takes a smaller map", "[processes]") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff", 128));
  CHECK(end_of(start_worker({"narrow", folder.store(), "staff"})) == 0);
  CHECK(open_store_in(folder.store())->open("staff")->snapshot()->face_count() == 20'000);
}
#endif

TEST_CASE("a zeroed page is a damaged store, not a signal", "[processes][damage]") {
  const TemporaryFolder folder;
  {
    const auto store = make_store_in(folder.store());
    store->create(collection_record("staff", 128));
    store->open("staff")->write([&](WriteTransaction& transaction) {
      for (unsigned i = 0; i < 120; ++i) {
        transaction.add(face_record(), values_of(i, 128));
      }
    });
  }
  const auto pages = fs::file_size(folder.store() / "collections" / "staff" / "gen-1" / "data.mdb") / 4096;
  const fs::path findings = folder.path() / "findings";
  for (std::uintmax_t page = 2; page < pages; ++page) {
    const fs::path copy = folder.path() / "copy";
    copy_store(folder.store(), copy);
    {
      std::fstream data(copy / "collections" / "staff" / "gen-1" / "data.mdb",
                        std::ios::in | std::ios::out | std::ios::binary);
      data.seekp(static_cast<std::streamoff>(page * 4096));
      data << std::string(4096, '\0');
    }
    CAPTURE(page, pages);
    CHECK(end_of(start_worker({"use", copy, "staff", findings})) == 0);
  }
  std::multiset<std::string> found;
  std::ifstream lines(findings);
  for (std::string line; std::getline(lines, line);) {
    found.insert(line);
  }
  CHECK(found.count("whole") < pages / 2);  // of two uses a page: most are in use
  CHECK(found.count("DATA_INVALID") > 0);
  CHECK(found.count("PIECE_INVALID") > 0);
  CHECK(found.size() == 2 * (pages - 2));
}
