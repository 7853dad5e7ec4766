// SPDX-License-Identifier: MIT
// The jobs of the processes that processes.cpp starts: `store_tests [worker]` with FACESEARCH_WORKER set.
#include "store/worker.hpp"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "store/death.hpp"
#include "store/fixtures.hpp"

namespace facesearch::test {
namespace {

using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

constexpr const char* kVariable = "FACESEARCH_WORKER=";

// add STORE COLLECTION COUNT ACKNOWLEDGED: adds faces and writes each id down when its write has returned.
void add(const Words& words) {
  const auto store = open_store_in(words[1]);
  std::ofstream acknowledged(words[4]);
  const auto collection = store->open(words[2]);
  for (int i = 0; i < std::stoi(words[3]); ++i) {
    acknowledged << add_face(*collection, face_record()).text() << std::endl;
  }
}

// read STORE COLLECTION UNTIL: every view is of one piece and no smaller than the one before.
void read(const Words& words) {
  const auto store = open_store_in(words[1]);
  std::uint64_t before = 0;
  while (before < std::stoull(words[3])) {
    const auto collection = store->open(words[2]);
    // Several views an opening: opening takes a lock that is not fair, and the writers have to open, too.
    for (int i = 0; i < 16; ++i) {
      const auto view = collection->snapshot();
      std::uint64_t rows = 0;
      view->scan(0, [&](const TemplateRow&) { ++rows; });
      REQUIRE(rows == view->face_count());
      REQUIRE(rows == view->next_slot());
      REQUIRE(rows >= before);
      before = rows;
    }
  }
}

// try_add STORE COLLECTION SECONDS ACKNOWLEDGED: as add, whether the collection is there or not.
void try_add(const Words& words) {
  const auto store = open_store_in(words[1]);
  std::ofstream acknowledged(words[4]);
  const auto end = Clock::now() + std::chrono::seconds(std::stoi(words[3]));
  while (Clock::now() < end) {
    try {
      const auto collection = store->open(words[2]);
      const Uuid face = add_face(*collection, face_record());
      acknowledged << face.text() << std::endl;
      REQUIRE(collection->snapshot()->find_face(face));
    } catch (const Error& error) {
      CAPTURE(error.detail());
      REQUIRE((error.cause() == Cause::kCollectionNotFound || error.cause() == Cause::kCollectionDeleted ||
               error.cause() == Cause::kStoreBusy));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

// churn STORE COLLECTION SECONDS: makes and deletes the collection.
void churn(const Words& words) {
  const auto store = open_store_in(words[1]);
  const auto end = Clock::now() + std::chrono::seconds(std::stoi(words[3]));
  while (Clock::now() < end) {
    try {
      store->create(collection_record(words[2]));
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      store->remove(words[2]);
    } catch (const Error& error) {
      CAPTURE(error.detail());
      REQUIRE((error.cause() == Cause::kCollectionNotFound || error.cause() == Cause::kCollectionDeleted ||
               error.cause() == Cause::kCollectionExists || error.cause() == Cause::kStoreBusy));
    }
  }
}

// stop STORE COLLECTION: stops in the middle of a write.
void stop(const Words& words) {
  open_store_in(words[1])->open(words[2])->write([](WriteTransaction& transaction) {
    transaction.add(face_record(), values_of(1));
    REQUIRE(::raise(SIGSTOP) == 0);
  });
}

// narrow STORE COLLECTION: adds 20,000 faces in 512 MiB of address space.
void narrow(const Words& words) {
  const rlimit limit{512 << 20, 512 << 20};
  REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
  const auto store = open_store_in(words[1]);
  store->open(words[2])->write([](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 20'000; ++i) {
      transaction.add(face_record(), values_of(i, 128));
    }
  });
}

// use STORE COLLECTION FINDINGS: reads and writes all there is; only a damaged store may hinder it. Writes
// down whether it did.
void use(const Words& words) {
  std::ofstream findings(words[3], std::ios::app);
  // Never closed, so that a leak checker still sees what a broken environment leaves.
  static Store* const store = open_store_in(words[1]).release();
  for (int i = 0; i < 2; ++i) {
    try {
      const auto collection = store->open(words[2]);
      const auto dimension = static_cast<std::size_t>(collection->record().binding.dimension);
      std::vector<Uuid> faces;
      collection->snapshot()->scan(0, [&](const TemplateRow& row) { faces.push_back(row.face); });
      collection->snapshot()->page("-7", 0, 1000);
      collection->write([&](WriteTransaction& transaction) {
        for (std::size_t face = 0; face < faces.size(); face += 2) {
          transaction.erase(faces[face]);
        }
        transaction.add(face_record(), values_of(1, dimension));
      });
      findings << "whole" << std::endl;
    } catch (const Error& error) {
      CAPTURE(error.detail());
      REQUIRE(error.cause() == Cause::kStoreDamaged);
      findings << error.reason() << std::endl;
    }
  }
}

// open STORE - CALL: opens the store and dies at a call.
void open(const Words& words) {
  death_at(std::stoi(words[3]));
  open_store_in(words[1]);
  death_at(0);
}

// backup STORE FILE CALL, restore STORE FILE CALL, rebuild STORE FILE CALL: does that and dies at a call.
void back_up_or_restore(const Words& words) {
  const RestoreRequest request{words[2], {}, std::nullopt, std::nullopt, {}};
  if (words[0] == "rebuild") {
    death_at(std::stoi(words[3]));
    rebuild_lmdb_store(words[1], options_of(words[1]), request);
    death_at(0);
    return;
  }
  const auto store = open_store_in(words[1]);
  death_at(std::stoi(words[3]));
  if (words[0] == "backup") {
    store->backups().write({words[2], {}, {}});
  } else {
    store->backups().restore(request);
  }
  death_at(0);
}

// move|rewrite|revert|confirm|remove|repair|rotate STORE COLLECTION CALL: does that to the collection and
// dies at a call.
void move(const Words& words) {
  const auto store = open_store_in(words[1]);
  death_at(std::stoi(words[3]));
  if (words[0] == "move") {
    move_to_other_pack(*store, words[2]);
  } else if (words[0] == "rewrite") {
    store->upkeep().rewrite(words[2], std::nullopt);
  } else if (words[0] == "remove") {
    store->remove(words[2]);
  } else if (words[0] == "repair") {
    store->upkeep().repair(words[2], "saved", false);
  } else if (words[0] == "rotate") {
    store->upkeep().rotate_master(std::nullopt);
  } else if (words[0] == "revert") {
    store->migrations().revert(words[2], [](const CollectionRecord&) {});
  } else {
    store->migrations().confirm(words[2]);
  }
  death_at(0);
}

}  // namespace

pid_t start_worker(const std::vector<std::string>& words) {
  std::string program = "/proc/self/exe";
  std::string selection = "[worker]";
  std::string job = kVariable;
  for (const std::string& word : words) {
    job += word + ' ';
  }
  std::string report = "--reporter=compact";  // says nothing but what failed
  char* const arguments[] = {program.data(), selection.data(), report.data(), nullptr};
  std::vector<char*> variables{job.data()};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t worker = -1;
  const int error = ::posix_spawn(&worker, program.c_str(), &actions, nullptr, arguments, variables.data());
  ::posix_spawn_file_actions_destroy(&actions);
  REQUIRE(error == 0);
  return worker;
}

int end_of(pid_t worker) {
  int status = 0;
  REQUIRE(::waitpid(worker, &status, 0) == worker);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_CASE("worker", "[.][worker]") {
  const char* job = std::getenv("FACESEARCH_WORKER");
  REQUIRE(job != nullptr);
  std::istringstream stream(job);
  const Words words{std::istream_iterator<std::string>(stream), {}};
  const std::string& name = words.at(0);
  if (name == "add") {
    add(words);
  } else if (name == "read") {
    read(words);
  } else if (name == "try_add") {
    try_add(words);
  } else if (name == "churn") {
    churn(words);
  } else if (name == "stop") {
    stop(words);
  } else if (name == "narrow") {
    narrow(words);
  } else if (name == "open") {
    open(words);
  } else if (name == "move" || name == "rewrite" || name == "revert" || name == "confirm" ||
             name == "remove" || name == "repair" || name == "rotate") {
    move(words);
  } else if (name == "backup" || name == "restore" || name == "rebuild") {
    back_up_or_restore(words);
  } else if (name == "use") {
    use(words);
  } else {
    FAIL("no such job: " << name);
  }
}

}  // namespace facesearch::test
