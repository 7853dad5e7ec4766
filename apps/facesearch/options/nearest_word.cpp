// SPDX-License-Identifier: MIT
#include "facesearch/options/nearest_word.hpp"

#include <algorithm>

namespace facesearch::app {
namespace {

// The distance of Damerau and Levenshtein, without a second change of swapped letters: row i holds the
// distances of the first i letters of `a` to each beginning of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string nearest_word(std::string_view typed, const std::vector<std::string>& words) {
  constexpr std::size_t kLongest = 64;  // of a word that is compared
  std::string nearest;
  if (typed.size() > kLongest) return nearest;
  std::size_t least = std::max<std::size_t>(typed.size() / 3, 1) + 1;
  for (const std::string& word : words) {
    const std::size_t apart = distance(typed, word);
    if (apart >= least) continue;
    least = apart;
    nearest = word;
  }
  return nearest;
}

}  // namespace facesearch::app
