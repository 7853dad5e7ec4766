// SPDX-License-Identifier: MIT
// Fills a collection with random templates, 16,384 a commit, then enrols some one by one through the service:
// fill_store STORE COLLECTION COUNT [ONE_BY_ONE [FACES_A_PERSON]]. FACES_A_PERSON: 1; more: so many
// photographs of each person, which are alike; 0: one of every second person and two of the others. The
// store's master key is where the program looks for it, or in the folder that FACESEARCH_MASTER_KEYS names.
// One line of JSON; making the templates is not timed.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"

namespace {

using namespace facesearch;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 16'384;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::filesystem::path master_keys() {
  if (const char* folder = std::getenv("FACESEARCH_MASTER_KEYS")) return folder;
  if (const char* folder = std::getenv("XDG_CONFIG_HOME"))
    return std::filesystem::path(folder) / "facesearch" / "master-keys";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "" : home) / ".config" / "facesearch" / "master-keys";
}

struct Face {
  FaceRecord record;
  Template values;
};

Template random_template(int dimension, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  Template values(static_cast<std::size_t>(dimension));
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

// Two photographs of a person have a cosine of 0.6.
Template alike(const Template& person, Template values) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = person[i] + 0.816F * values[i];
  return normalised(std::move(values));
}

std::vector<Face> random_faces(std::size_t count, std::size_t a_person, int dimension,
                               std::mt19937_64& random) {
  const std::vector<Uuid> ids = Uuid::make_many(2 * count);
  std::vector<Face> faces(count);
  std::size_t left = 0;  // of the person
  bool two = false;
  Template person;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_new = left == 0;
    if (is_new) {
      two = !two;
      left = a_person == 0 ? (two ? 2 : 1) : a_person;
      if (left > 1) person = random_template(dimension, random);
    }
    --left;
    faces[i].record = {
        ids[2 * i], is_new ? ids[2 * i + 1] : faces[i - 1].record.person, "somebody", {}, now()};
    faces[i].values = random_template(dimension, random);
    if (!is_new || left > 0) faces[i].values = alike(person, std::move(faces[i].values));
  }
  return faces;
}

// Bytes that this process has passed to write(), pwrite() and the like.
double bytes_written() {
  std::ifstream file("/proc/self/io");
  for (std::string name; file >> name;) {
    double value = 0;
    file >> value;
    if (name == "wchar:") return value;
  }
  return 0;
}

// One commit for kBatch faces, as a merge of collections writes them. Seconds.
double fill(Collection& collection, std::size_t count, std::size_t a_person, std::mt19937_64& random) {
  double spent = 0;
  for (std::size_t done = 0; done < count; done += kBatch) {
    const auto batch =
        random_faces(std::min(kBatch, count - done), a_person, collection.record().binding.dimension, random);
    const auto start = Clock::now();
    collection.write([&](WriteTransaction& transaction) {
      for (const Face& face : batch) transaction.add(face.record, face.values);
    });
    spent += seconds_since(start);
  }
  return spent;
}

// The service's own enrolment, a commit each. Median in milliseconds.
double enroll_one_by_one(Store& store, const CollectionRecord& collection, std::size_t count,
                         std::mt19937_64& random) {
  EngineCache engines({},
                      [](std::string_view) -> const RuntimeTable& { std::abort(); });  // no picture is read
  service::Context context{store, engines};
  std::vector<double> times;
  for (Face& face : random_faces(count, 1, collection.binding.dimension, random)) {
    const service::EnrollRequest request{
        collection.id,
        "somebody",
        service::GivenTemplate{std::move(face.values), collection.binding.fingerprint},
        {},
        {}};
    const auto start = Clock::now();
    service::enroll(context, {service::kAnyScope, {}}, request);
    times.push_back(1000 * seconds_since(start));
  }
  std::ranges::sort(times);
  return times.empty() ? 0 : times[times.size() / 2];
}

void run(Store& store, const std::string& id, std::size_t count, std::size_t one_by_one,
         std::size_t a_person) {
  std::mt19937_64 random(1);
  const auto collection = store.open(id);
  const double seconds = fill(*collection, count, a_person, random);
  const double before = bytes_written();
  const double one_ms = enroll_one_by_one(store, collection->record(), one_by_one, random);
  const double one_kb =
      one_by_one == 0 ? 0 : (bytes_written() - before) / 1000 / static_cast<double>(one_by_one);
  fmt::print(
      "{{\"faces\":{},\"seconds\":{:.4f},\"faces_per_s\":{:.0f},\"one_ms\":{:.4f},\"one_kb\":{:.1f}}}\n",
      count, seconds, seconds > 0 ? static_cast<double>(count) / seconds : 0, one_ms, one_kb);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 6) {
    fmt::print(stderr, "usage: {} STORE COLLECTION COUNT [ONE_BY_ONE [FACES_A_PERSON]]\n", argv[0]);
    return 2;
  }
  try {
    StoreOptions options;
    options.master_key = MasterKeyPlace{[](const Uuid& store) { return master_keys() / store.text(); },
                                        [] { return std::nullopt; }};
    const auto store = open_lmdb_store(argv[1], options);
    run(*store, argv[2], std::strtoul(argv[3], nullptr, 10),
        argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0, argc > 5 ? std::strtoul(argv[5], nullptr, 10) : 1);
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", argv[0], error.detail());
    return 1;
  }
}
