// SPDX-License-Identifier: MIT
#include "facesearch/match/exact_search.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <utility>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"

namespace facesearch {

ExactSearch::ExactSearch(const Query& query, Kernel kernel)
    : query_(query),
      probe_(query_.probe.begin(), query_.probe.end()),
      kernel_(row_kernel(kernel)),
      least_(query_.min_cosine),
      top_(query_.min_cosine, query_.limit) {
  if (!is_unit(probe_) || probe_.size() > kMaxDimension) {
    throw Error(Cause::kInternal, "INTERNAL", "a search was given a probe that is no template");
  }
  query_.probe = {};
  codes_ = encode_probe(probe_);
  bounds_ = bounds_of(codes_, query_.min_cosine);
  bounds_.reach = rounded_down(floor());
}

void ExactSearch::scan(const CodeBlock& block) {
  if (block.stride != codes_.codes.size()) {
    throw Error(Cause::kInternal, "INTERNAL", "a probe was compared with codes of another length");
  }
  std::array<std::int32_t, kGroupRows>
      dots;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before read
  for (std::size_t first = 0; first < block.rows; first += kGroupRows) {
    if (block.live[first / kGroupRows] == 0) continue;
    RowGroup rows;
    rows.codes = block.codes + first * block.stride;
    rows.stride = block.stride;
    rows.count = std::min(kGroupRows, block.rows - first);
    rows.scales = block.scales + first;
    rows.errors = block.errors + first;
    rows.coming = (block.rows - first) * block.stride;
    const RowMarks marks = kernel_(rows, codes_, bounds_, dots.data());
    if ((marks.wanted | marks.sure) != 0) take_marks(block, first, marks);
  }
}

void ExactSearch::take_marks(const CodeBlock& block, std::size_t first, const RowMarks& marks) {
  const std::uint64_t rows = searched(block, first, marks.wanted | marks.sure);
  matches_ += static_cast<std::uint64_t>(std::popcount(rows & marks.sure & ~marks.wanted));
  for (std::uint64_t rest = rows & marks.wanted; rest != 0; rest &= rest - 1) {
    refine(block, first + static_cast<std::size_t>(std::countr_zero(rest)));
  }
}

// Those of the rows, bit i for row first + i, that are live, not expired and not left out. All are of one
// word of live.
std::uint64_t ExactSearch::searched(const CodeBlock& block, std::size_t first, std::uint64_t rows) const {
  rows &= block.live[first / kGroupRows] >> (first % kGroupRows);
  if (block.expires != nullptr) {
    for (std::uint64_t rest = rows; rest != 0; rest &= rest - 1) {
      const std::uint32_t expires = block.expires[first + static_cast<std::size_t>(std::countr_zero(rest))];
      if (expires != 0 && expires <= query_.now) rows &= ~(rest & -rest);
    }
  }
  const std::uint64_t slot = block.first_slot + first;
  for (auto left_out = std::lower_bound(query_.left_out.begin(), query_.left_out.end(), slot);
       left_out != query_.left_out.end() && *left_out - slot < kGroupRows; ++left_out) {
    rows &= ~(std::uint64_t{1} << (*left_out - slot));
  }
  return rows;
}

// Holds the row's codes against the probe's own values, which leaves half of the doubt. In float, in sums
// that do not wait for each other: most of what is not a product of codes is done here.
void ExactSearch::refine(const CodeBlock& block, std::size_t row) {
  const std::uint8_t* codes = block.codes + row * block.stride;
  std::array<float, kRefineSums> sums{};
  std::size_t i = 0;
  for (; i + kRefineSums <= probe_.size(); i += kRefineSums) {
    for (std::size_t k = 0; k < kRefineSums; ++k) {
      sums[k] += static_cast<float>(codes[i + k] - 128) * probe_[i + k];
    }
  }
  for (; i < probe_.size(); ++i) sums[0] += static_cast<float>(codes[i] - 128) * probe_[i];
  double sum = 0;
  for (const float each : sums) sum += static_cast<double>(each);
  const double cosine = static_cast<double>(block.scales[row]) * sum;
  const double off = static_cast<double>(block.errors[row]) * kLongest + refine_slack(probe_.size());
  const Open open{block.first_slot + row, cosine - off, cosine + off};
  if (!(open.upper >= query_.min_cosine)) return;
  const bool sure = open.lower >= query_.min_cosine;
  if (sure) offer_lower(open.lower);
  if (!sure || open.upper >= floor()) {
    open_.push_back(open);
    if (open_.size() > most_open_) drop_decided();
  } else {
    ++matches_;
  }
}

void ExactSearch::offer_lower(double lower) {
  if (query_.limit == 0) return;
  if (lowers_.size() == query_.limit) {
    if (!(lower > lowers_.front())) return;
    std::pop_heap(lowers_.begin(), lowers_.end(), std::greater<>());
    lowers_.back() = lower;
  } else {
    lowers_.push_back(lower);
  }
  std::push_heap(lowers_.begin(), lowers_.end(), std::greater<>());
  bounds_.reach = rounded_down(floor());
}

// What a row must be able to reach to be listed.
double ExactSearch::floor() const {
  if (query_.limit == 0) return std::numeric_limits<double>::infinity();
  return lowers_.size() < query_.limit ? least_ : std::max(least_, lowers_.front());
}

void ExactSearch::raise_floor(double least) {
  least_ = std::max(least_, least);
  bounds_.reach = rounded_down(floor());
}

void ExactSearch::absorb(ExactSearch& other) {
  matches_ += std::exchange(other.matches_, 0);
  for (const double lower : other.lowers_) offer_lower(lower);
  other.lowers_.clear();  // a row that is offered twice would count as two
  if (open_.empty()) {
    open_.swap(other.open_);
  } else {
    open_.insert(open_.end(), other.open_.begin(), other.open_.end());
  }
  other.open_ = {};
  other.most_open_ = 0;
  raise_floor(other.least_);
  other.raise_floor(floor());
  drop_decided();
}

// Of rows that come in a rising order nearly all are open for a while.
void ExactSearch::drop_decided() {
  constexpr std::size_t kFew = 64;
  const double least = floor();
  matches_ += std::erase_if(open_, [&](const Open& open) {
    return open.lower >= query_.min_cosine && !(open.upper >= least);  // matches, and is not among the best
  });
  most_open_ = kFew + 2 * open_.size();
}

void ExactSearch::close_decided() {
  drop_decided();
  open_.shrink_to_fit();
}

std::vector<std::uint64_t> ExactSearch::survivors() {
  drop_decided();
  std::vector<std::uint64_t> slots;
  slots.reserve(open_.size());
  for (const Open& open : std::exchange(open_, {})) slots.push_back(open.slot);
  std::sort(slots.begin(), slots.end());
  return slots;
}

void ExactSearch::score(const Uuid& face, std::span<const float> values) {
  score(face, exact_cosine(probe_, values));
}

void ExactSearch::score(const Uuid& face, double cosine) {
  top_.offer(face, cosine);
  // As many match and are at least as alike.
  const auto& kept = top_.kept();
  if (!kept.empty() && kept.size() == query_.limit && kept.front().cosine > least_) {
    raise_floor(kept.front().cosine);
  }
}

}  // namespace facesearch
