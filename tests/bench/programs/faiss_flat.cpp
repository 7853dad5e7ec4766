// SPDX-License-Identifier: MIT
#include "faiss_flat.hpp"

#include <faiss/IndexFlat.h>

namespace {

class Flat : public FaissFlat {
 public:
  Flat(std::size_t dimension, std::span<const float> rows)
      : index_(static_cast<faiss::Index::idx_t>(dimension)) {
    index_.add(static_cast<faiss::Index::idx_t>(rows.size() / dimension), rows.data());
  }

  std::vector<RowScore> search(std::span<const float> probe, std::size_t limit) const override {
    std::vector<float> scores(limit);
    std::vector<faiss::Index::idx_t> rows(limit);
    index_.search(1, probe.data(), static_cast<faiss::Index::idx_t>(limit), scores.data(), rows.data());
    std::vector<RowScore> found;
    for (std::size_t i = 0; i < limit && rows[i] >= 0; ++i) {
      found.push_back({static_cast<std::uint64_t>(rows[i]), static_cast<double>(scores[i])});
    }
    return found;
  }

  std::vector<float> search_many(std::span<const float> probes, std::size_t limit) const override {
    const std::size_t count = probes.size() / static_cast<std::size_t>(index_.d);
    std::vector<float> scores(count * limit);
    std::vector<faiss::Index::idx_t> rows(scores.size());
    index_.search(static_cast<faiss::Index::idx_t>(count), probes.data(),
                  static_cast<faiss::Index::idx_t>(limit), scores.data(), rows.data());
    return scores;
  }

 private:
  faiss::IndexFlatIP index_;
};

}  // namespace

std::string faiss_version() {
  return std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." +
         std::to_string(FAISS_VERSION_PATCH);
}

std::unique_ptr<FaissFlat> make_faiss_flat(std::size_t dimension, std::span<const float> rows) {
  return std::make_unique<Flat>(dimension, rows);
}
