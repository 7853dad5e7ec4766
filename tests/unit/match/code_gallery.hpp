// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/search_many.hpp"

namespace facesearch {

/// Templates in blocks of codes, with holes and rows that expire, and the plain scan they are held against.
class CodeGallery {
 public:
  /// Some rows are dead and some expire, if there are `holes`. `block_rows` ≥ 1. `misaligned` moves the codes
  /// off every boundary.
  CodeGallery(std::vector<Template> rows, std::size_t block_rows, bool holes, bool misaligned,
              std::mt19937& random);

  std::uint64_t blocks() const { return (rows_.size() + block_rows_ - 1) / block_rows_; }
  CodeBlock block(std::uint64_t index) const;
  std::span<const float> row(std::uint64_t slot) const { return rows_.at(slot - kFirstSlot); }
  std::size_t size() const { return rows_.size(); }

  /// The slots are not those of the rows, so that nothing takes one for the other.
  static constexpr std::uint64_t kFirstSlot = 1000;

  /// Rising and falling with no relation to the slot.
  static Uuid id_of(std::uint64_t slot);

  struct Answer {
    std::vector<Candidate> list;
    std::uint64_t matches = 0;
    std::size_t scored = 0;
  };

  /// Every row that is searched, compared in double.
  Answer plain(const ExactSearch::Query& query) const;

  /// Scores the survivors of a search, and returns how many they are.
  std::size_t score(ExactSearch& search) const;

  /// The answer of a search that has scanned all blocks.
  Answer answer(ExactSearch& search) const;

  /// ExactSearch over the blocks, last one first where `backwards`.
  Answer exact(const ExactSearch::Query& query, Kernel kernel, bool backwards = false) const;

 private:
  std::vector<Template> rows_;
  std::size_t block_rows_;
  std::size_t stride_;
  std::size_t shift_;
  std::vector<std::uint8_t> codes_;
  std::vector<float> scales_;
  std::vector<float> errors_;
  std::vector<std::uint32_t> expires_;
  std::vector<std::vector<std::uint64_t>> live_;  // of each block
};

/// True if both are the same to the last bit.
bool same(const CodeGallery::Answer& a, const CodeGallery::Answer& b);

/// The kernels that this machine runs.
std::vector<Kernel> available_kernels();

/// `count` templates of one of kKinds kinds: uniform, clusters like faces, and whatever is awkward to code or
/// to tell apart.
std::vector<Template> templates_of_kind(int kind, std::size_t count, std::size_t dimension,
                                        std::mt19937& random);
inline constexpr int kKinds = 10;

}  // namespace facesearch
