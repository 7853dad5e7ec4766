// SPDX-License-Identifier: MIT
// Fills a collection with random templates through the service, then enrols some one by one:
// fill_store STORE COLLECTION COUNT [ONE_BY_ONE]. The store's master key is where the program looks for it,
// or in the folder that FACESEARCH_MASTER_KEYS names. One line of JSON; the making of the templates is not
// timed.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/service/enroll/bulk_enroll.hpp"
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

std::vector<service::BulkFace> random_faces(std::size_t count, int dimension, std::mt19937_64& random) {
  std::normal_distribution<float> normal;
  std::vector<service::BulkFace> faces(count);
  for (service::BulkFace& face : faces) {
    face.user_name = "somebody";
    face.values.resize(static_cast<std::size_t>(dimension));
    for (float& value : face.values) value = normal(random);
    face.values = normalised(std::move(face.values));
  }
  return faces;
}

void fill(Store& store, const std::string& id, std::size_t count, std::size_t one_by_one) {
  EngineCache engines({}, [](std::string_view) -> const RuntimeTable& { std::abort(); });
  service::Context context{store, engines};
  const PackBinding binding = store.open(id)->record().binding;
  std::mt19937_64 random(1);
  double bulk = 0;
  const auto add = [&](std::size_t faces) {
    const auto batch = random_faces(faces, binding.dimension, random);
    const auto start = Clock::now();
    service::enroll_templates(context, {service::kAnyScope, {}}, id, binding.fingerprint, batch);
    return seconds_since(start);
  };
  for (std::size_t done = 0; done < count; done += kBatch) bulk += add(std::min(kBatch, count - done));
  std::vector<double> one;
  for (std::size_t i = 0; i < one_by_one; ++i) one.push_back(1000 * add(1));
  std::ranges::sort(one);
  fmt::print("{{\"faces\":{},\"seconds\":{:.3f},\"faces_per_s\":{:.0f},\"one_ms\":{:.3f}}}\n", count, bulk,
             bulk > 0 ? static_cast<double>(count) / bulk : 0, one.empty() ? 0 : one[one.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    fmt::print(stderr, "usage: {} STORE COLLECTION COUNT [ONE_BY_ONE]\n", argv[0]);
    return 2;
  }
  try {
    StoreOptions options;
    options.master_key = MasterKeyPlace{[](const Uuid& store) { return master_keys() / store.text(); },
                                        [] { return std::nullopt; }};
    const auto store = open_lmdb_store(argv[1], options);
    fill(*store, argv[2], std::strtoul(argv[3], nullptr, 10),
         argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0);
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", argv[0], error.detail());
    return 1;
  }
}
