// SPDX-License-Identifier: MIT
#include "facesearch/match/pair_search.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/pair_kernel.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"
#include "facesearch/match/open_pairs.hpp"

namespace facesearch {
namespace {

// Rows that are taken as probes over all groups behind them: a group's 64 rows stay in the first cache, these
// in the second.
constexpr std::size_t kStrip = 512;

// What the threads share: what has been found.
class Found {
 public:
  Found(const PairRows& rows, const PairQuery& query, const TemplateSource& templates)
      : rows_(rows), query_(query), templates_(templates), top_(query.limit), floor_(start_of(query)) {}

  // What a pair must be able to reach to be listed; rises.
  double floor() const { return floor_.load(std::memory_order_relaxed); }

  // A pair surely has at least this cosine and matches.
  void offer_lower(double lower) {
    if (!(lower > floor()) && floor() > query_.min_cosine) return;
    const std::lock_guard lock(mutex_);
    if (lowers_.size() == query_.limit) {
      if (lowers_.empty() || !(lower > lowers_.front())) return;
      std::ranges::pop_heap(lowers_, std::greater<>());
      lowers_.back() = lower;
    } else {
      lowers_.push_back(lower);
    }
    std::ranges::push_heap(lowers_, std::greater<>());
    if (lowers_.size() == query_.limit) raise(lowers_.front());
  }

  // Pairs that match and that nobody scores.
  void count(std::uint64_t pairs) {
    total_ += pairs;
    if (query_.most_edges == 0 || total_ <= query_.most_edges) return;
    throw Error(
        Cause::kInvalidValue, "TOO_MANY_PAIRS",
        fmt::format("more than {} pairs are at or above the threshold, more than clusters are made of; "
                    "take a higher threshold",
                    query_.most_edges));
  }

  void add_edges(const std::vector<RowPair>& edges) {
    const std::lock_guard lock(mutex_);
    edges_.insert(edges_.end(), edges.begin(), edges.end());
  }

  // Decides pairs by their floats.
  void settle(std::vector<OpenPair>& open) {
    const std::lock_guard lock(mutex_);
    const double least = floor();
    std::uint64_t matches = std::erase_if(open, [&](const OpenPair& pair) {
      if (!(pair.lower >= query_.min_cosine && !(pair.upper >= least))) return false;
      if (query_.most_edges > 0) edges_.push_back(pair.rows);
      return true;  // surely matches, and is not among the best
    });
    score_pairs(rows_, open, templates_, [&](const OpenPair& pair, double cosine) {
      if (!(cosine >= query_.min_cosine)) return;
      ++matches;
      top_.offer(rows_.face(pair.rows.a), rows_.face(pair.rows.b), cosine);
      if (query_.most_edges > 0) edges_.push_back(pair.rows);
    });
    open.clear();
    count(matches);
    raise(top_.floor());
  }

  PairsFound take() { return {top_.take(), total_, 0, std::move(edges_)}; }

 private:
  static double start_of(const PairQuery& query) {
    return query.limit == 0 ? std::numeric_limits<double>::infinity() : query.min_cosine;
  }

  void raise(double floor) {
    if (floor > floor_.load()) floor_ = floor;
  }

  const PairRows& rows_;
  const PairQuery& query_;
  const TemplateSource& templates_;
  std::atomic<std::uint64_t> total_ = 0;
  std::mutex mutex_;  // of what follows, but for reading floor_
  TopPairs top_;
  std::atomic<double> floor_;
  std::vector<double> lowers_;  // the best `limit` lower bounds, the least on top
  std::vector<RowPair> edges_;
};

// One thread's part.
class Worker {
 public:
  Worker(const PairRows& rows, const PairQuery& query, Kernel kernel, Found& found)
      : rows_(rows),
        query_(query),
        kernel_(pair_kernel(kernel)),
        found_(found),
        marks_(kStrip),
        room_(new (kLine) std::uint8_t[kGroupRows * rows.stride()]) {}

  // Compares the rows from `first` on, kStrip at most, with all behind them.
  void compare_strip(std::size_t first) {
    const auto probes = rows_.probes().subspan(first, std::min(kStrip, rows_.size() - first));
    bounds_.clear();
    for (const ProbeCodes& probe : probes) bounds_.push_back(bounds_of(probe, query_.min_cosine));
    reach_ = std::numeric_limits<float>::quiet_NaN();
    const std::size_t begin = begin_of(first) / kGroupRows * kGroupRows;
    for (std::size_t group = begin; group < rows_.size(); group += kGroupRows) {
      // The later a row, the later what it is compared with.
      std::size_t count = probes.size();
      while (count > 0 && begin_of(first + count - 1) >= group + kGroupRows) --count;
      if (count > 0) compare_group(first, probes.first(count), group);
    }
  }

  void finish() {
    found_.settle(open_);
    found_.add_edges(edges_);
  }

  // The first row that a row is compared with.
  std::size_t begin_of(std::size_t row) const {
    return query_.same_person ? row + 1 : rows_.next_person(row);
  }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(std::uint8_t* room) const { operator delete[](room, kLine); }
  };

  void compare_group(std::size_t first, std::span<const ProbeCodes> probes, std::size_t group) {
    const float reach = rounded_down(found_.floor());
    if (reach != reach_) {
      reach_ = reach;
      for (RowBounds& bounds : bounds_) bounds.reach = reach;
    }
    kernel_(rows_.group(group), probes, std::span(bounds_).first(probes.size()), marks_.data(), room_.get());
    std::uint64_t matches = 0;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      const RowMarks& marks = marks_[i];
      if ((marks.wanted | marks.sure) == 0) continue;
      const std::size_t begin = begin_of(first + i);
      const std::uint64_t asked = begin <= group ? ~std::uint64_t{0} : ~std::uint64_t{0} << (begin - group);
      const std::uint64_t sure = asked & marks.sure & ~marks.wanted;
      matches += static_cast<std::uint64_t>(std::popcount(sure));
      if (query_.most_edges > 0) add_edges(first + i, group, sure);
      for (std::uint64_t rest = asked & marks.wanted; rest != 0; rest &= rest - 1) {
        if (refine(first + i, group + static_cast<std::size_t>(std::countr_zero(rest)))) ++matches;
      }
    }
    if (matches > 0) found_.count(matches);
    if (open_.size() >= query_.most_open) found_.settle(open_);
  }

  void add_edges(std::size_t row, std::size_t group, std::uint64_t others) {
    for (; others != 0; others &= others - 1) {
      add_edge(row, group + static_cast<std::size_t>(std::countr_zero(others)));
    }
  }

  void add_edge(std::size_t a, std::size_t b) {
    edges_.push_back({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)});
  }

  // Holds the codes against each other with all their digits. True: they match, and need not be scored.
  bool refine(std::size_t a, std::size_t b) {
    const auto [lower, upper] = rows_.bounds(a, b);
    if (!(upper >= query_.min_cosine)) return false;
    const bool sure = lower >= query_.min_cosine;
    if (sure && query_.limit > 0) found_.offer_lower(lower);
    if (!sure || upper >= found_.floor()) {
      open_.push_back({{static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)}, lower, upper});
      return false;
    }
    if (query_.most_edges > 0) add_edge(a, b);
    return true;
  }

  const PairRows& rows_;
  const PairQuery& query_;
  PairKernel kernel_;
  Found& found_;
  float reach_ = 0;  // what the bounds have
  std::vector<RowBounds> bounds_;
  std::vector<RowMarks> marks_;
  std::unique_ptr<std::uint8_t[], Free> room_;
  std::vector<OpenPair> open_;
  std::vector<RowPair> edges_;
};

// Shares out the strips.
class Work {
 public:
  Work(const PairRows& rows, const PairQuery& query, Kernel kernel, const TemplateSource& templates,
       const std::function<void(std::uint64_t, std::uint64_t)>& progress)
      : rows_(rows), query_(query), kernel_(kernel), found_(rows, query, templates), progress_(progress) {
    const Worker any(rows_, query_, kernel_, found_);
    for (std::size_t row = 0; row < rows.size(); ++row) pairs_ += rows.size() - any.begin_of(row);
  }

  // The work of one thread. Ends early once another has failed.
  void take_part() noexcept {
    try {
      Worker worker(rows_, query_, kernel_, found_);
      while (!failed_) {
        const std::size_t first = next_.fetch_add(kStrip);
        if (first >= rows_.size()) break;
        worker.compare_strip(first);
        tell(worker, first);
      }
      if (!failed_) worker.finish();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

  // Once all threads have ended.
  PairsFound take() {
    if (failure_) std::rethrow_exception(failure_);
    PairsFound found = found_.take();
    found.compared = pairs_;
    return found;
  }

 private:
  void tell(const Worker& worker, std::size_t first) {
    const std::lock_guard lock(mutex_);
    for (std::size_t row = first; row < std::min(first + kStrip, rows_.size()); ++row) {
      done_ += rows_.size() - worker.begin_of(row);
    }
    progress_(done_, pairs_);
  }

  const PairRows& rows_;
  const PairQuery& query_;
  Kernel kernel_;
  Found found_;
  const std::function<void(std::uint64_t, std::uint64_t)>& progress_;
  std::uint64_t pairs_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // of what follows
  std::uint64_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

PairsFound search_pairs(const PairRows& rows, const PairQuery& query, Kernel kernel, std::size_t threads,
                        const TemplateSource& templates,
                        const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  Work work(rows, query, kernel, templates, progress);
  {
    std::vector<std::jthread> others;
    try {
      const std::size_t strips = (rows.size() + kStrip - 1) / kStrip;
      for (std::size_t i = 1; i < std::min(threads, strips); ++i) {
        others.emplace_back([&] { work.take_part(); });
      }
    } catch (const std::system_error&) {
      // The system gives no more threads: those that there are do all of it.
    }
    work.take_part();
  }
  return work.take();
}

}  // namespace facesearch
