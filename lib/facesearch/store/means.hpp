// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "facesearch/core/uuid.hpp"

/// The means of persons in a collection that is matched by person (Policy::match_by). Which faces are in a
/// mean is decided by person_mean.hpp alone. The store keeps the means and changes them in the same commit as
/// their faces.
namespace facesearch {

class CodeReader;

/// Means lie in groups, by how many faces they are of: two, three, four and more. Strangers are more alike to
/// a mean of many, so each group has thresholds of its own (Calibration::of_means).
inline constexpr std::size_t kMeanGroups = 3;

/// `faces`: two and more.
constexpr std::size_t mean_group(std::size_t faces) {
  return std::min<std::size_t>(faces, 4) - 2;
}

/// Where a mean is. Rows of a group go from 0 to count() minus one, without holes.
struct MeanPlace {
  std::size_t group = 0;
  std::uint64_t row = 0;

  bool operator==(const MeanPlace&) const = default;
};

/// The means of a snapshot. Must not outlive it. One thread, except that readers are for one thread each.
class Means {
 public:
  virtual ~Means() = default;

  virtual std::uint64_t count(std::size_t group) const = 0;

  /// Blocks of a group, and a reader for one thread of a scan; CodeBlock::first_slot is a row of the group.
  virtual std::uint64_t blocks(std::size_t group) const = 0;
  virtual std::unique_ptr<CodeReader> reader(std::size_t group) const = 0;

  /// The faces that are in no mean: how many, and the blocks of Snapshot::code_reader() with their rows
  /// alone. A block without any has no rows.
  virtual std::uint64_t single_count() const = 0;
  virtual std::unique_ptr<CodeReader> single_reader() const = 0;

  /// The slots of the faces that a mean is of, rising. The place is one of a mean.
  virtual std::vector<std::uint64_t> faces_of(const MeanPlace& place) const = 0;

  /// The mean of a person, if it has one.
  virtual std::optional<MeanPlace> find(const Uuid& person) const = 0;

  /// True if a live face is in the mean of its person.
  virtual bool holds(const Uuid& face) const = 0;
};

}  // namespace facesearch
