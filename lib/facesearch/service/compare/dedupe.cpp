// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/dedupe.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/match/chinese_whispers.hpp"
#include "facesearch/match/pair_search.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/search/gallery_search.hpp"

namespace facesearch::service {
namespace {

void require_request(const DedupeRequest& request) {
  if (request.similarity && !(*request.similarity >= 0 && *request.similarity <= 100)) {
    throw Error(Cause::kInvalidValue, "SIMILARITY_INVALID",
                fmt::format("the similarity threshold is {}; it goes from 0 to 100", *request.similarity));
  }
  if (request.limit < 1 || request.limit > kMostPairs) {
    throw Error(Cause::kInvalidValue, "LIMIT_INVALID",
                fmt::format("the limit is {}; it goes from 1 to {}", request.limit, kMostPairs));
  }
}

// Live and not expired, as a search sees them; rising.
std::vector<std::uint64_t> slots_searched(const Snapshot& snapshot) {
  const std::uint32_t now = seconds_now();
  std::vector<std::uint64_t> slots;
  const auto reader = snapshot.code_reader();
  for (std::uint64_t index = 0; index < snapshot.code_blocks(); ++index) {
    const CodeBlock block = reader->read(index);
    for (std::size_t row = 0; row < block.rows; ++row) {
      const bool live = (block.live[row / 64] >> (row % 64) & 1U) != 0;
      const std::uint32_t expires = block.expires == nullptr ? 0 : block.expires[row];
      if (live && (expires == 0 || expires > now)) slots.push_back(block.first_slot + row);
    }
  }
  return slots;
}

PairRows rows_of(const Snapshot& snapshot, const CollectionRecord& record) {
  PairRows rows(static_cast<std::size_t>(record.binding.dimension));
  snapshot.visit_templates(slots_searched(snapshot), [&](const TemplateRow& row) {
    rows.add(row.slot, row.face, row.person, row.values);
  });
  rows.arrange();
  return rows;
}

using Pair = std::pair<Uuid, Uuid>;  // the lower id first

// The pairs at or above the cosine that are none: it was decided that a face is not the other one's person.
std::set<Pair> rejected_pairs(const Snapshot& snapshot, const PairRows& rows, double min_cosine) {
  const std::vector<Decision> decisions = snapshot.rejections();
  std::set<Pair> pairs;
  if (decisions.empty()) return pairs;
  std::map<Uuid, std::vector<std::uint64_t>> slots_of;  // of the persons, without those that are not compared
  for (const Decision& decision : decisions) slots_of[decision.person];
  std::vector<Uuid> persons;
  persons.reserve(slots_of.size());
  for (const auto& [person, slots] : slots_of) persons.push_back(person);
  const auto found = snapshot.slots_of(persons);
  std::vector<std::uint64_t> compared;
  compared.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) compared.push_back(rows.slot(row));
  std::ranges::sort(compared);
  for (std::size_t i = 0; i < persons.size(); ++i) {
    std::ranges::set_intersection(found[i], compared, std::back_inserter(slots_of[persons[i]]));
  }
  std::set<Uuid> faces;  // that are compared
  for (std::size_t row = 0; row < rows.size(); ++row) faces.insert(rows.face(row));
  for (const Decision& decision : decisions) {
    const auto face = snapshot.find_face(decision.face);
    const auto values = snapshot.find_template(decision.face);
    if (!face || !values || face->person == decision.person || !faces.contains(decision.face)) continue;
    snapshot.visit_templates(slots_of[decision.person], [&](const TemplateRow& row) {
      if (exact_cosine(*values, row.values) >= min_cosine) {
        pairs.insert(std::minmax(decision.face, row.face));
      }
    });
  }
  return pairs;
}

PairsFound find_pairs(const Snapshot& snapshot, const PairRows& rows, const DedupeRequest& request,
                      double min_cosine, const std::set<Pair>& rejected, Kernel kernel) {
  PairQuery query;
  query.min_cosine = min_cosine;
  query.same_person = request.same_person;
  if (request.clusters) {
    query.most_edges = kMostEdges;
  } else {
    query.limit = request.limit + rejected.size();
  }
  const std::size_t threads = request.threads > 0 ? request.threads : available_processors();
  std::mutex one_reader;  // a snapshot is read by one thread at a time
  const TemplateSource templates = [&](std::span<const std::uint64_t> slots, const auto& visit) {
    const std::lock_guard lock(one_reader);
    snapshot.visit_templates(slots, [&](const TemplateRow& row) { visit(row.slot, row.values); });
  };
  const auto progress = [&](std::uint64_t done, std::uint64_t all) {
    if (request.progress) request.progress(done, all);
  };
  PairsFound found = search_pairs(rows, query, kernel, threads, templates, progress);
  found.total -= rejected.size();
  std::erase_if(found.best, [&](const FacePair& pair) { return rejected.contains({pair.a, pair.b}); });
  if (found.best.size() > request.limit) found.best.resize(request.limit);
  std::erase_if(found.edges, [&](const RowPair& edge) {
    return rejected.contains(std::minmax(rows.face(edge.a), rows.face(edge.b)));
  });
  return found;
}

DedupeFace described(const Snapshot& snapshot, const Uuid& id) {
  const auto face = snapshot.find_face(id);
  if (!face) {
    throw Error(Cause::kStoreDamaged, "FACE_RECORD_MISSING",
                fmt::format("the store has a template but no record of face {}", id.text()));
  }
  return {face->face, face->person, face->name};
}

// Only faces with a partner are nodes.
std::vector<std::vector<Uuid>> clusters_of(const PairRows& rows, std::vector<RowPair> edges) {
  constexpr std::uint32_t kAlone = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> node_of(rows.size(), kAlone);
  for (const RowPair& edge : edges) node_of[edge.a] = node_of[edge.b] = 0;
  std::vector<Uuid> faces;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (node_of[row] == kAlone) continue;
    node_of[row] = static_cast<std::uint32_t>(faces.size());
    faces.push_back(rows.face(row));
  }
  for (RowPair& edge : edges) edge = {node_of[edge.a], node_of[edge.b]};
  const auto labels = chinese_whispers(faces.size(), edges);
  std::vector<std::vector<Uuid>> clusters(labels.empty() ? 0 : *std::ranges::max_element(labels) + 1);
  for (std::size_t node = 0; node < labels.size(); ++node) clusters[labels[node]].push_back(faces[node]);
  std::erase_if(clusters, [](const auto& cluster) { return cluster.size() < 2; });
  for (auto& cluster : clusters) std::ranges::sort(cluster);
  std::ranges::sort(clusters, [](const auto& one, const auto& other) {
    return one.size() != other.size() ? one.size() > other.size() : one.front() < other.front();
  });
  return clusters;
}

}  // namespace

DedupeResult dedupe(Context& context, const Caller& caller, const DedupeRequest& request) {
  require_request(request);
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const CollectionRecord& record = gallery->record();
  const Calibration& calibration = record.binding.calibration;
  DedupeResult result;
  result.collection_id = request.collection_id;
  result.similarity = request.similarity.value_or(record.policy.similarity);
  result.same_person = request.same_person;
  result.provisional = calibration.provisional;
  const Threshold threshold = threshold_at(calibration, result.similarity);

  const auto snapshot = gallery->snapshot();
  const PairRows rows = rows_of(*snapshot, record);
  const std::set<Pair> rejected = rejected_pairs(*snapshot, rows, threshold.cosine);
  PairsFound found = find_pairs(*snapshot, rows, request, threshold.cosine, rejected, context.scan.kernel);
  result.pairs_rejected = rejected.size();
  result.faces = rows.size();
  result.compared = found.compared;
  result.pairs_total = found.total;
  for (const FacePair& pair : found.best) {
    result.pairs.push_back({described(*snapshot, pair.a), described(*snapshot, pair.b),
                            similarity_of_cosine(calibration, pair.cosine)});
  }
  if (request.clusters) result.clusters = clusters_of(rows, std::move(found.edges));
  result.expected_false_pairs = static_cast<double>(result.compared) * threshold.false_match_rate;
  warn_of_extrapolation(result.warnings, calibration, threshold);
  return result;
}

}  // namespace facesearch::service
