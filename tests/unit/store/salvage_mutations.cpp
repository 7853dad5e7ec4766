// SPDX-License-Identifier: MIT
// Repair and deletion of collections that are damaged in any way that comes to a random generator's mind.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "extent.hpp"
#include "store/damaged_store.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

class Mutation {
 public:
  Mutation(const DamagedStore& store, unsigned seed) : store_(store), random_(seed) {}

  // Does some damage to the copy and says what, in words.
  std::string run() {
    std::string bytes = store_.bytes();
    std::string words;
    for (std::size_t i = one_of(4); i < 4; ++i) words += damage(bytes) + ", ";
    overwrite(store_.data(), bytes);
    const fs::path current = store_.staff() / "CURRENT";
    switch (one_of(8)) {
      case 0:
        fs::remove(current);
        return words + "no CURRENT";
      case 1:
        overwrite(current, "{\"format\":2,\"live\":7}");
        return words + "CURRENT of nothing";
      default:
        return words;
    }
  }

 private:
  std::size_t one_of(std::size_t count) { return random_() % count; }

  std::size_t page(const std::string& bytes) {
    return one_of(std::max<std::size_t>(1, bytes.size() / kPage)) * kPage;
  }

  void flip(char& byte) { byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << one_of(8))); }

  std::string damage(std::string& bytes) {
    const std::size_t at = page(bytes);
    const std::size_t there = std::min(kPage, bytes.size() - at);
    switch (one_of(8)) {
      case 0:
        if (!bytes.empty()) flip(bytes[one_of(bytes.size())]);
        return "a bit";
      case 1:  // where the pages say what they are
        if (there > 0) flip(bytes[at + one_of(std::min<std::size_t>(there, 40))]);
        return "a bit of a page's head";
      case 2:
        bytes.replace(at, there, there, '\0');
        return "a page of zeros";
      case 3: {
        const std::size_t other = page(bytes);
        if (there == kPage && bytes.size() - other >= kPage) {
          std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                           bytes.begin() + static_cast<std::ptrdiff_t>(at + kPage),
                           bytes.begin() + static_cast<std::ptrdiff_t>(other));
        }
        return "two pages swapped";
      }
      case 4:
        bytes.resize(one_of(4) == 0 ? one_of(bytes.size() + 1)
                                    : bytes.size() - std::min(bytes.size(), one_of(20'000)));
        return "cut";
      case 5: {
        const std::size_t meta = one_of(3);
        for (std::size_t i = 0; i < 2; ++i) {
          if ((meta == i || meta == 2) && bytes.size() >= 2 * kPage)
            bytes.replace(i * kPage, kPage, kPage, '\0');
        }
        return "first pages of zeros";
      }
      case 6:
        for (std::size_t i = 0; i < there; ++i) bytes[at + i] = static_cast<char>(random_());
        return "a page of noise";
      default: {
        const std::string& former = store_.earlier();
        if (at + kPage <= former.size() && there == kPage)
          bytes.replace(at, kPage, former, at, one_of(2) == 0 ? kPage : 512);
        return "a page as it was";
      }
    }
  }

  const DamagedStore& store_;
  std::minstd_rand random_;
};

}  // namespace

TEST_CASE("whatever the damage, a repair saves nothing that is false and tells what is lost", "[repair]") {
  const bool sealed = GENERATE(true, false);
  const DamagedStore store(sealed);
  const unsigned start = drawn_seed();
  const char* wanted = std::getenv("FACESEARCH_MUTATIONS");
  const unsigned count = wanted != nullptr ? static_cast<unsigned>(std::stoul(wanted))
                         : full_extent()   ? 150
                                           : 10;
  unsigned saved = 0;
  for (unsigned i = 0; i < count; ++i) {
    store.restore();
    const std::string words = Mutation(store, start + i).run();
    CAPTURE(sealed, start, i, words);
    saved += store.require_honest_repair() ? 1U : 0U;
  }
  // Most damage leaves something.
  CHECK(saved > count / 2);
}
