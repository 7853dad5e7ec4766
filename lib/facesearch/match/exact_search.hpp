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

/// One probe against all rows, exactly: codes are scanned, and only the rows whose place in the answer the
/// codes' error leaves open are scored from their floats. scan() every block, in any order; then score() each
/// of the survivors(); then matches() and take(). Survivors may be asked for and scored between two blocks as
/// well, which frees the memory that they are kept in. One thread at a time.
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

  /// Takes over what `other`, a search for the same query, found in other blocks. `other` can go on from what
  /// both know; it has no rows any more.
  void absorb(ExactSearch& other);

  /// How many rows are open, and the memory they are kept in. close_decided() frees what of it is not needed.
  std::size_t open_rows() const { return open_.size(); }
  std::size_t open_bytes() const { return open_.capacity() * sizeof(Open); }
  void close_decided();

  /// The slots, rising, that must be scored of what was scanned since the last call: at most those whose
  /// cosine can be among the best `limit`, and those of which only the floats say whether they reach
  /// min_cosine.
  std::vector<std::uint64_t> survivors();

  std::span<const float> probe() const { return probe_; }

  /// The float template of a survivor; each is scored once, in any order. Throws Error(kInternal) if the
  /// values are not as many as the probe's.
  void score(const Uuid& face, std::span<const float> values);

  /// The same, for whoever has its exact_cosine with the probe.
  void score(const Uuid& face, double cosine);

  /// The best of those that are scored, in no order.
  std::span<const Candidate> best() const { return top_.kept(); }

  /// The number of rows whose exact_cosine is at or above min_cosine, listed or not. Right once all survivors
  /// are scored.
  std::uint64_t matches() const { return matches_ + top_.matches(); }

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
  void raise_floor(double least);
  double floor() const;

  Query query_;
  std::vector<float> probe_;
  ProbeCodes codes_;
  RowKernel kernel_;
  RowBounds bounds_;
  std::uint64_t matches_ = 0;   // rows that surely match and that nobody scores
  double least_;                // of a row that is listed, as far as others know
  std::vector<double> lowers_;  // the best `limit` lower bounds, the least on top
  std::vector<Open> open_;
  std::size_t most_open_ = 0;  // beyond it those that are decided meanwhile are dropped
  TopCandidates top_;
};

}  // namespace facesearch
