// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct RowScore {
  std::uint64_t row = 0;
  double cosine = 0;
};

/// FAISS's IndexFlatIP over a copy of the rows: what others use.
class FaissFlat {
 public:
  virtual ~FaissFlat() = default;
  virtual std::vector<RowScore> search(std::span<const float> probe, std::size_t limit) const = 0;

  /// The best of many probes, which lie one after the other; their scores.
  virtual std::vector<float> search_many(std::span<const float> probes, std::size_t limit) const = 0;
};

/// As 1.7.3.
std::string faiss_version();

std::unique_ptr<FaissFlat> make_faiss_flat(std::size_t dimension, std::span<const float> rows);
