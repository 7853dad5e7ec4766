// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/search_many.hpp"

namespace facesearch::service {

/// Templates in plain memory, with their codes as a store has them.
class BenchGallery {
 public:
  /// Random templates; the same numbers make the same ones.
  BenchGallery(std::size_t faces, std::size_t dimension);

  /// The templates that `next` gives, one after the other.
  BenchGallery(std::size_t faces, std::size_t dimension, const std::function<Template()>& next);

  std::size_t faces() const { return scales_.size(); }
  std::span<const float> row(std::uint64_t row) const {
    return std::span(floats_).subspan(row * dimension_, dimension_);
  }

  /// All rows, one behind the other.
  std::span<const float> floats() const { return std::span(floats_).first(faces() * dimension_); }

  /// Reads all floats once, as fast as this processor reads memory: the floor of a search. The sum means
  /// nothing.
  double read() const;

  struct Found {
    std::vector<std::vector<Candidate>> lists;  ///< one a probe, best first
    std::size_t scored = 0;                     ///< rows of all probes that were scored from their floats
  };

  /// The exact best `limit` at or above the threshold for every probe.
  Found search(std::span<const Template> probes, std::size_t limit, Kernel kernel, std::size_t threads,
               double min_cosine = -1) const;

  /// A threshold that some hundred rows reach, as in a search for a person: with none, most of the time of
  /// many probes would go into counting the matches.
  double some_threshold(const Template& probe) const;

  /// The face of a row. Rises with the row.
  static Uuid id_of(std::uint64_t row);

 private:
  // Memory in whole cache lines.
  template <typename T>
  struct Aligned {
    static constexpr std::align_val_t kLine{64};
    using value_type = T;
    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }
    bool operator==(const Aligned&) const = default;
  };

  CodeBlock block(std::uint64_t index) const;

  std::size_t dimension_;
  std::size_t stride_;
  std::vector<float, Aligned<float>> floats_;
  std::vector<std::uint8_t, Aligned<std::uint8_t>> codes_;
  std::vector<float, Aligned<float>> scales_;
  std::vector<float, Aligned<float>> errors_;
  std::vector<std::uint64_t> live_;
};

/// A random template; another `seed` is another sequence.
std::vector<Template> random_templates(std::size_t count, std::size_t dimension, std::uint64_t seed);

}  // namespace facesearch::service
