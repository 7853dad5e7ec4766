// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/match/kernels/probe_codes.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"

namespace facesearch {

/// What all pairs of a gallery are compared by, in memory: 2 × code_stride + about 130 bytes a face, and no
/// template. Faces of a person are neighbours, so that a face's pairs with other persons are all rows behind
/// one.
class PairRows {
 public:
  explicit PairRows(std::size_t dimension);

  /// Adds a template for which is_unit holds; throws Error(kInternal) if it does not, or has another
  /// dimension. `slot` is how it is asked for again.
  void add(std::uint64_t slot, const Uuid& face, const Uuid& person, std::span<const float> values);

  /// Once all are added, before anything below is called: orders them by person, then face.
  void arrange();

  std::size_t size() const { return faces_.size(); }
  std::size_t dimension() const { return dimension_; }
  std::size_t stride() const { return stride_; }

  std::uint64_t slot(std::size_t row) const { return faces_[row].slot; }
  const Uuid& face(std::size_t row) const { return faces_[row].face; }

  /// The first row behind those of the row's person.
  std::size_t next_person(std::size_t row) const { return faces_[row].next_person; }

  std::span<const ProbeCodes> probes() const { return probes_; }

  /// The rows from `first` on, at most `count`.
  RowGroup rows(std::size_t first, std::size_t count) const;

  /// The cosine of two rows is inside.
  struct Bounds {
    double lower = 0;
    double upper = 0;
  };
  Bounds bounds(std::size_t a, std::size_t b) const;

 private:
  struct Face {
    std::uint64_t slot = 0;
    Uuid face;
    Uuid person;
    std::size_t next_person = 0;
  };

  std::size_t dimension_;
  std::size_t stride_;
  std::vector<Face> faces_;
  std::vector<ProbeCodes> probes_;
  std::vector<std::uint8_t> codes_;
  std::vector<float> scales_;
  std::vector<float> errors_;
};

}  // namespace facesearch
