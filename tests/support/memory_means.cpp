// SPDX-License-Identifier: MIT
// The means of the memory store are worked out for each snapshot that is asked for them: the plainest way, to
// compare the other engine with.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "facesearch/store/person_mean.hpp"
#include "support/memory_faces.hpp"

namespace facesearch::memory {
namespace {

class MemoryMeans final : public Means {
 public:
  MemoryMeans(std::shared_ptr<const Faces> faces, const Calibration& calibration) : faces_(std::move(faces)) {
    std::map<Uuid, std::vector<std::shared_ptr<const Row>>> persons;
    for (const auto& row : faces_->rows) {
      if (!is_left_out(row->record.face)) persons[row->record.person].push_back(row);
    }
    for (const auto& [person, rows] : persons) add(person, rows, calibration);
    for (const auto& row : faces_->rows) {
      if (!std::ranges::binary_search(held_, row->record.face)) singles_.push_back(row);
    }
  }

  std::uint64_t count(std::size_t group) const override { return groups_.at(group).size(); }
  std::uint64_t blocks(std::size_t group) const override {
    return (count(group) + MemoryCodeReader::kRows - 1) / MemoryCodeReader::kRows;
  }
  std::unique_ptr<CodeReader> reader(std::size_t group) const override {
    return std::make_unique<MemoryCodeReader>(groups_.at(group));
  }
  std::uint64_t single_count() const override { return singles_.size(); }
  std::unique_ptr<CodeReader> single_reader() const override {
    return std::make_unique<MemoryCodeReader>(singles_);
  }
  std::vector<std::uint64_t> faces_of(const MeanPlace& place) const override {
    return slots_.at(groups_.at(place.group).at(place.row)->record.person);
  }
  std::optional<MeanPlace> find(const Uuid& person) const override {
    for (std::size_t group = 0; group < kMeanGroups; ++group) {
      for (const auto& row : groups_.at(group)) {
        if (row->record.person == person) return MeanPlace{group, row->slot};
      }
    }
    return std::nullopt;
  }
  bool holds(const Uuid& face) const override { return std::ranges::binary_search(held_, face); }

 private:
  using Rows = std::vector<std::shared_ptr<const Row>>;

  bool is_left_out(const Uuid& face) const {
    return std::ranges::any_of(faces_->decisions, [&](const Decision& decision) {
      return decision.kind == Decision::Kind::kNotInMean && decision.face == face;
    });
  }

  void add(const Uuid& person, const Rows& rows, const Calibration& calibration) {
    std::vector<std::vector<float>> templates;
    for (const auto& row : rows) templates.push_back(row->values);
    PersonMean mean = person_mean(templates, calibration);
    if (!mean.values) return;
    Rows& group = groups_.at(mean_group(mean.faces));
    Row row;
    row.slot = group.size();
    row.record.person = person;
    row.values = *std::move(mean.values);
    group.push_back(std::make_shared<const Row>(std::move(row)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!mean.holds[i]) continue;
      slots_[person].push_back(rows[i]->slot);
      held_.insert(std::ranges::upper_bound(held_, rows[i]->record.face), rows[i]->record.face);
    }
  }

  std::shared_ptr<const Faces> faces_;
  std::array<Rows, kMeanGroups> groups_;
  Rows singles_;
  std::vector<Uuid> held_;  // sorted
  std::map<Uuid, std::vector<std::uint64_t>> slots_;
};

}  // namespace

std::unique_ptr<Means> MemorySnapshot::means() const {
  if (record_.policy.match_by != MatchBy::kPerson) return nullptr;
  return std::make_unique<MemoryMeans>(faces_, record_.binding.calibration);
}

}  // namespace facesearch::memory
