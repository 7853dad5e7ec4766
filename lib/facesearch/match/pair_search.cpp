// SPDX-License-Identifier: MIT
// All pairs of a gallery, exactly.
// 1. Threads take strips of rows and compare their codes, by a kernel, with all rows behind them. The codes'
//    error bounds each cosine from below and above.
// 2. A pair whose bounds decide it is counted. One that they leave open goes into the thread's buffer.
// 3. A full buffer is scored from the float templates by its own thread, and the best are merged.
// Order and number of threads change nothing: pairs are ordered by cosine and ids, and cosines are summed in
// a fixed order. It reads no store: the caller gives templates.
#include "facesearch/match/pair_search.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"
#include "facesearch/match/tiles/blocked_kernel.hpp"
#include "facesearch/match/top_candidates.hpp"

namespace facesearch {
namespace {

// Rows that are taken as probes over all behind them: they stay in the second cache. And rows that they pass
// over before it is asked again what a pair must reach.
constexpr std::size_t kStrip = 512;
constexpr std::size_t kGroup = 1024;

// Of templates that a thread holds while it scores pairs: those of first faces, and those of second ones.
constexpr std::size_t kFirstBytes = 16U << 20U;
constexpr std::size_t kSecondBytes = 4U << 20U;

// A pair of which only the floats can say whether, or where, it is in the answer.
struct OpenPair {
  RowPair rows;
  double lower = 0;  // cosine, from below
  double upper = 0;  // and from above
};

bool is_better(const FacePair& x, const FacePair& y) {
  if (x.cosine != y.cosine) return x.cosine > y.cosine;
  return x.a != y.a ? x.a < y.a : x.b < y.b;
}

// Gathers the best `limit` pairs: best first, ties by the ids.
class TopPairs {
 public:
  explicit TopPairs(std::size_t limit) : limit_(limit) {}

  void offer(const FacePair& pair) {
    if (heap_.size() < limit_) {
      heap_.push_back(pair);
    } else if (!heap_.empty() && is_better(pair, heap_.front())) {
      std::ranges::pop_heap(heap_, is_better);
      heap_.back() = pair;
    } else {
      return;
    }
    std::ranges::push_heap(heap_, is_better);
  }

  // What a pair needs to get in; −∞ while there is room.
  double floor() const {
    return heap_.empty() || heap_.size() < limit_ ? -std::numeric_limits<double>::infinity()
                                                  : heap_.front().cosine;
  }

  std::vector<FacePair> take() {
    std::ranges::sort_heap(heap_, is_better);
    return std::exchange(heap_, {});
  }

 private:
  std::size_t limit_;
  std::vector<FacePair> heap_;  // worst on top
};

// Copies of the templates of some slots, which rise.
class Templates {
 public:
  Templates(std::vector<std::uint64_t> slots, std::size_t dimension, const TemplateSource& source)
      : dimension_(dimension), slots_(std::move(slots)) {
    values_.reserve(slots_.size() * dimension_);
    source(slots_, [&](std::uint64_t, std::span<const float> values) {
      values_.insert(values_.end(), values.begin(), values.end());
    });
  }

  std::span<const float> of(std::uint64_t slot) const {
    const auto place = std::ranges::lower_bound(slots_, slot) - slots_.begin();
    return std::span(values_).subspan(static_cast<std::size_t>(place) * dimension_, dimension_);
  }

 private:
  std::size_t dimension_;
  std::vector<std::uint64_t> slots_;
  std::vector<float> values_;
};

// Calls `work` with runs of the pairs, which are ordered by the slot that `slot_of` gives, each with the
// slots of the run: at most `most` of them.
template <class SlotOf, class Work>
void for_each_run(std::span<OpenPair> pairs, std::size_t most, const SlotOf& slot_of, const Work& work) {
  for (auto begin = pairs.begin(); begin != pairs.end();) {
    std::vector<std::uint64_t> slots;
    auto end = begin;
    for (; end != pairs.end(); ++end) {
      if (!slots.empty() && slots.back() == slot_of(*end)) continue;
      if (slots.size() == most) break;
      slots.push_back(slot_of(*end));
    }
    work(std::span<OpenPair>(begin, end), std::move(slots));
    begin = end;
  }
}

// Calls `scored` with the exact cosine of each pair. Reads each template once for a run of first faces;
// changes the order of `pairs`.
template <class Scored>
void score_pairs(const PairRows& rows, std::span<OpenPair> pairs, const TemplateSource& source,
                 const Scored& scored) {
  const std::size_t bytes = rows.dimension() * sizeof(float);
  const auto first = [&rows](const OpenPair& pair) { return rows.slot(pair.rows.a); };
  const auto second = [&rows](const OpenPair& pair) { return rows.slot(pair.rows.b); };
  std::ranges::sort(pairs, {}, first);
  for_each_run(pairs, std::max<std::size_t>(kFirstBytes / bytes, 1), first, [&](auto run, auto slots) {
    const Templates firsts(std::move(slots), rows.dimension(), source);
    std::ranges::sort(run, {}, second);
    for_each_run(run, std::max<std::size_t>(kSecondBytes / bytes, 1), second, [&](auto part, auto others) {
      const Templates seconds(std::move(others), rows.dimension(), source);
      for (const OpenPair& pair : part) {
        scored(pair, exact_cosine(firsts.of(first(pair)), seconds.of(second(pair))));
      }
    });
  });
}

// What the threads share: what has been found.
class SharedFindings {
 public:
  SharedFindings(const PairRows& rows, const PairQuery& query, const TemplateSource& templates)
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

  // Decides pairs by their floats; empties `open`. Only the merging of what was found is locked: each thread
  // reads and scores its own pairs.
  void settle(std::vector<OpenPair>& open, std::vector<RowPair>& edges) {
    const double least = floor();
    std::uint64_t matches = std::erase_if(open, [&](const OpenPair& pair) {
      if (!(pair.lower >= query_.min_cosine && !(pair.upper >= least))) return false;
      if (query_.most_edges > 0) edges.push_back(pair.rows);
      return true;  // surely matches, and is not among the best
    });
    TopPairs best(query_.limit);
    score_pairs(rows_, open, templates_, [&](const OpenPair& pair, double cosine) {
      if (!(cosine >= query_.min_cosine)) return;
      ++matches;
      if (query_.most_edges > 0) edges.push_back(pair.rows);
      if (!(cosine >= least)) return;
      const Uuid& one = rows_.face(pair.rows.a);
      const Uuid& other = rows_.face(pair.rows.b);
      best.offer({std::min(one, other), std::max(one, other), cosine});
    });
    open.clear();
    count(matches);
    const std::lock_guard lock(mutex_);
    for (const FacePair& pair : best.take()) top_.offer(pair);
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
  std::mutex mutex_;  // guards what follows, but for reading floor_
  TopPairs top_;
  std::atomic<double> floor_;
  std::vector<double> lowers_;  // the best `limit` lower bounds, the least on top
  std::vector<RowPair> edges_;
};

// The first row that a row is compared with; all behind it follow.
std::size_t first_partner(const PairRows& rows, const PairQuery& query, std::size_t row) {
  return query.same_person ? row + 1 : rows.next_person(row);
}

// What one thread compares, and what it found open.
class Worker {
 public:
  Worker(const PairRows& rows, const PairQuery& query, Kernel kernel, SharedFindings& found)
      : rows_(rows), query_(query), kernel_(kernel), found_(found) {}

  // Compares the rows from `first` on, kStrip at most, with all behind them.
  void compare_strip(std::size_t first) {
    const auto probes = rows_.probes().subspan(first, std::min(kStrip, rows_.size() - first));
    BlockedKernel kernel(probes, kernel_);
    std::vector<RowBounds> bounds;
    for (const ProbeCodes& probe : probes) bounds.push_back(bounds_of(probe, query_.min_cosine));
    float reach = std::numeric_limits<float>::quiet_NaN();
    const std::size_t begin = first_partner(rows_, query_, first);
    for (std::size_t group = begin; group < rows_.size(); group += kGroup) {
      const float now = rounded_down(found_.floor());
      for (std::size_t i = 0; i < probes.size() && reach != now; ++i) {
        bounds[i].reach = now;
        kernel.set_bounds(i, bounds[i]);
      }
      reach = now;
      // The later a row, the later what it is compared with.
      std::size_t count = probes.size();
      while (count > 0 && first_partner(rows_, query_, first + count - 1) >= group + kGroup) --count;
      kernel.mark(rows_.rows(group, kGroup), count,
                  [&](std::size_t i, std::size_t row, const RowMarks& marks) {
                    take_marks(first + i, group + row, marks);
                  });
      if (open_.size() >= query_.most_open) found_.settle(open_, edges_);
    }
  }

  void finish() {
    found_.settle(open_, edges_);
    found_.add_edges(edges_);
  }

 private:
  // Of a row with those from `first` on.
  void take_marks(std::size_t row, std::size_t first, const RowMarks& marks) {
    const std::size_t begin = first_partner(rows_, query_, row);
    if (begin >= first + kTileRows) return;
    const std::uint64_t asked = ~std::uint64_t{0} << (begin > first ? begin - first : 0);
    const std::uint64_t sure = asked & marks.sure & ~marks.wanted;
    auto matches = static_cast<std::uint64_t>(std::popcount(sure));
    if (query_.most_edges > 0) add_edges(row, first, sure);
    for (std::uint64_t rest = asked & marks.wanted; rest != 0; rest &= rest - 1) {
      if (refine(row, first + static_cast<std::size_t>(std::countr_zero(rest)))) ++matches;
    }
    if (matches > 0) found_.count(matches);
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
  Kernel kernel_;
  SharedFindings& found_;
  std::vector<OpenPair> open_;
  std::vector<RowPair> edges_;
};

// Tells the caller how many pairs are done.
class ProgressOfPairs {
 public:
  using Tell = std::function<void(std::uint64_t, std::uint64_t)>;

  ProgressOfPairs(const PairRows& rows, const PairQuery& query, const Tell& tell)
      : rows_(rows), query_(query), tell_(tell), pairs_(pairs_of(0, rows.size())) {}

  std::uint64_t pairs() const { return pairs_; }

  void strip_is_done(std::size_t first) {
    const std::lock_guard lock(mutex_);
    done_ += pairs_of(first, std::min(first + kStrip, rows_.size()));
    tell_(done_, pairs_);
  }

 private:
  std::uint64_t pairs_of(std::size_t begin, std::size_t end) const {
    std::uint64_t pairs = 0;
    for (std::size_t row = begin; row < end; ++row) pairs += rows_.size() - first_partner(rows_, query_, row);
    return pairs;
  }

  const PairRows& rows_;
  const PairQuery& query_;
  const Tell& tell_;
  const std::uint64_t pairs_;
  std::mutex mutex_;  // guards done_, and lets one thread tell at a time
  std::uint64_t done_ = 0;
};

}  // namespace

PairsFound search_pairs(const PairRows& rows, const PairQuery& query, Kernel kernel, std::size_t threads,
                        const TemplateSource& templates,
                        const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  SharedFindings found(rows, query, templates);
  ProgressOfPairs told(rows, query, progress);
  std::mutex mutex;  // guards what follows
  std::deque<Worker> workers;
  const auto new_worker = [&]() -> Worker& {
    const std::lock_guard lock(mutex);
    return workers.emplace_back(rows, query, kernel, found);
  };
  parallel_for((rows.size() + kStrip - 1) / kStrip, threads, [&] {
    return [&worker = new_worker(), &told](std::size_t strip) {
      worker.compare_strip(strip * kStrip);
      told.strip_is_done(strip * kStrip);
    };
  });
  parallel_for(workers.size(), threads, [&] { return [&](std::size_t i) { workers[i].finish(); }; });
  PairsFound all = found.take();
  all.compared = told.pairs();
  return all;
}

}  // namespace facesearch
