// SPDX-License-Identifier: MIT
// A plain main for the fuzz targets: fuzz_NAME ROUNDS FOLDER [SEED] runs every file of the folder, and ROUNDS
// seeded mutations of them. The seed is 1 where none is given. Where FACESEARCH_FULL is set (scripts/test
// --full) the seed is a new one, and the rounds are twenty times as many.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;
using Random = std::mt19937_64;

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Bytes> corpus;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::size_t below(Random& random, std::size_t end) {
  return static_cast<std::size_t>(random() % std::max<std::size_t>(1, end));
}

void mutate(Bytes& bytes, const std::vector<Bytes>& corpus, Random& random) {
  const std::size_t place = below(random, bytes.size());
  const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(place);
  const std::size_t length = std::min(bytes.size() - place, 1 + below(random, 16));
  switch (random() % 6) {
    case 0:
      if (!bytes.empty()) *at = static_cast<std::uint8_t>(random());
      break;
    case 1:
      if (!bytes.empty()) *at = static_cast<std::uint8_t>(*at ^ (1U << (random() % 8)));
      break;
    case 2:
      bytes.resize(place);
      break;
    case 3:
      bytes.erase(at, at + static_cast<std::ptrdiff_t>(length));
      break;
    case 4: {
      const Bytes copy(at, at + static_cast<std::ptrdiff_t>(length));
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size())), copy.begin(),
                   copy.end());
      break;
    }
    default: {
      const Bytes& other = corpus[below(random, corpus.size())];
      const std::size_t from = below(random, other.size());
      bytes.resize(place);
      bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s ROUNDS FOLDER [SEED]\n", argv[0]);
    return 2;
  }
  const std::vector<Bytes> corpus = read_corpus(argv[2]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no file\n", argv[2]);
    return 1;
  }
  for (const Bytes& bytes : corpus) LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  const bool full = std::getenv("FACESEARCH_FULL") != nullptr;
  std::uint64_t seed = full ? std::random_device{}() : 1;
  if (argc > 3) seed = std::strtoull(argv[3], nullptr, 10);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);  // a crash must not take it along
  Random random(seed);
  const long rounds = std::strtol(argv[1], nullptr, 10) * (full ? 20 : 1);
  for (long round = 0; round < rounds; ++round) {
    Bytes bytes = corpus[below(random, corpus.size())];
    for (std::size_t times = 1 + below(random, 4); times > 0; --times) mutate(bytes, corpus, random);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%zu files, %ld mutations\n", corpus.size(), rounds);
  return 0;
}
