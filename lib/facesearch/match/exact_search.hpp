// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/match/kernels/probe_codes.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"
#include "facesearch/match/top_candidates.hpp"

namespace facesearch {

/// How many rows of a block are live.
std::size_t live_rows(const CodeBlock& block);

/// One probe against all rows, exactly: codes are scanned, and only the rows whose place in the answer the
/// codes' error leaves open are scored from their floats. scan() every block, in any order; then survivors()
/// once; score() each of them; then matches() and take(). One thread at a time.
class ExactSearch {
 public:
  struct Query {
    std::span<const float> probe;  ///< is_unit; copied
    double min_cosine = -1;        ///< −∞: every row matches
    std::size_t limit = 0;         ///< how many candidates to list; 0: matches are counted only
    std::uint32_t now = 0;         ///< seconds since 1970: rows that expire then or before are left out
    std::span<const std::uint64_t> left_out;  ///< slots that are not searched, rising; outlive the search
  };

  /// Throws Error(kInternal) if the probe is not of norm 1, or has more than 16,384 values.
  ExactSearch(const Query& query, Kernel kernel);

  /// Rows are codes and scales as encode_template makes them of templates for which is_unit holds. Throws
  /// Error(kInternal) if the block's stride is not that of the probe.
  void scan(const CodeBlock& block);

  /// A part of scan(), for whoever compares the block's codes for many searches (ProbeBatch): the probe, what
  /// rows are held against now, and what they were found to be, from row `first` on.
  const ProbeCodes& probe_codes() const { return codes_; }
  const RowBounds& bounds() const { return bounds_; }
  void take_marks(const CodeBlock& block, std::size_t first, const RowMarks& marks);

  /// The other part, once a block: counts its rows where every row matches. `live` of them are live.
  void count_rows(const CodeBlock& block, std::size_t live);

  /// Takes over what `other`, a search for the same query, found in other blocks.
  void absorb(ExactSearch&& other);

  /// Ends the scan. The slots, rising, that must be scored: at most those whose cosine can be among the best
  /// `limit`, and those of which only the floats say whether they reach min_cosine.
  std::vector<std::uint64_t> survivors();

  /// The float template of a survivor; each is scored once, in any order. Throws Error(kInternal) if the
  /// values are not as many as the probe's.
  void score(const Uuid& face, std::span<const float> values);

  /// The number of rows whose exact_cosine is at or above min_cosine, listed or not. Right once all survivors
  /// are scored.
  std::uint64_t matches() const { return every_row_ ? matches_ : matches_ + top_.matches(); }

  /// The best `limit` of the rows that match: best first, ties by face id.
  std::vector<Candidate> take() { return top_.take(); }

 private:
  struct Open {
    std::uint64_t slot;
    double lower;  // cosine, from below
    double upper;  // and from above
  };

  std::uint64_t searched(const CodeBlock& block, std::size_t first, std::uint64_t rows) const;
  void refine(const CodeBlock& block, std::size_t row);
  void offer_lower(double lower);
  void drop_decided();
  double floor() const;

  Query query_;
  std::vector<float> probe_;
  ProbeCodes codes_;
  RowKernel kernel_;
  RowBounds bounds_;
  bool every_row_ = false;      // matches, whatever its cosine
  std::uint64_t matches_ = 0;   // rows that surely match and that nobody scores; or all that are searched
  std::vector<double> lowers_;  // the best `limit` lower bounds, the least on top
  std::vector<Open> open_;
  std::size_t most_open_ = 0;  // beyond it those that are decided meanwhile are dropped
  TopCandidates top_;
};

}  // namespace facesearch
