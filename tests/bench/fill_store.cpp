// SPDX-License-Identifier: MIT
// Fills a collection with random templates: fill_store STORE COLLECTION COUNT
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "facesearch/store/lmdb_store.hpp"

namespace {

std::vector<float> random_template(std::mt19937& random, int dimension) {
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(dimension));
  float squares = 0;
  for (float& value : values) {
    value = normal(random);
    squares += value * value;
  }
  for (float& value : values) value /= std::sqrt(squares);
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s STORE COLLECTION COUNT\n", argv[0]);
    return 2;
  }
  const auto store = facesearch::open_lmdb_store(argv[1], {});
  const auto collection = store->open(argv[2]);
  std::mt19937 random(1);
  std::vector<std::vector<float>> rows;
  for (long i = std::strtol(argv[3], nullptr, 10); i > 0; --i) {
    rows.push_back(random_template(random, collection->record().binding.dimension));
  }
  collection->write([&](facesearch::WriteTransaction& change) {
    for (const auto& row : rows) {
      facesearch::FaceRecord face;
      face.face = facesearch::Uuid::make();
      face.person = facesearch::Uuid::make();
      face.name = "somebody";
      face.created = facesearch::now();
      change.add(face, row);
    }
  });
  return 0;
}
