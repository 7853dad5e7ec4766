// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/duplicates.hpp"

#include <algorithm>
#include <new>
#include <set>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/threshold.hpp"

namespace facesearch::service {
namespace {

std::optional<Candidate> first_of(const std::vector<Candidate>& candidates) {
  return candidates.empty() ? std::nullopt : std::optional(candidates.front());
}

// Adds the best match of each query. Where many at once need more memory than there is, each is searched
// alone.
void search_each(const Snapshot& snapshot, std::span<const GalleryQuery> queries, const ScanWork& work,
                 std::vector<std::optional<Candidate>>& found) {
  try {
    for (const GalleryMatches& matches : search_gallery(snapshot, queries, work)) {
      found.push_back(first_of(matches.candidates));
    }
  } catch (const std::bad_alloc&) {
    if (queries.size() == 1) throw;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      search_each(snapshot, queries.subspan(i, 1), work, found);
    }
  }
}

}  // namespace

double min_cosine_of(const CollectionRecord& collection) {
  return threshold_at(collection.binding.calibration, collection.policy.similarity).cosine;
}

std::vector<std::optional<Candidate>> best_matches(const Snapshot& snapshot,
                                                   std::span<const GalleryQuery> queries,
                                                   const ScanWork& work) {
  constexpr std::size_t kAtOnce = 256;
  std::vector<std::optional<Candidate>> found;
  found.reserve(queries.size());
  for (std::size_t first = 0; first < queries.size(); first += kAtOnce) {
    search_each(snapshot, queries.subspan(first, std::min(kAtOnce, queries.size() - first)), work, found);
  }
  return found;
}

std::vector<std::optional<Candidate>> DuplicateCheck::most_alike(std::span<const DuplicateCheck> checks,
                                                                 const Snapshot& snapshot,
                                                                 const ScanWork& work) {
  if (checks.empty() || checks.front().allowed()) {
    return std::vector<std::optional<Candidate>>(checks.size());
  }
  std::set<Uuid> named;
  for (const DuplicateCheck& check : checks) named.insert(check.left_out_.begin(), check.left_out_.end());
  const std::vector<Uuid> persons(named.begin(), named.end());
  const std::vector<std::vector<std::uint64_t>> slots = snapshot.slots_of(persons);
  std::vector<std::vector<std::uint64_t>> left_out(checks.size());
  std::vector<GalleryQuery> queries;
  queries.reserve(checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const DuplicateCheck& check = checks[i];
    for (const Uuid& id : check.left_out_) {
      const auto person = std::ranges::lower_bound(persons, id);
      const auto& of_person = slots[static_cast<std::size_t>(person - persons.begin())];
      left_out[i].insert(left_out[i].end(), of_person.begin(), of_person.end());
    }
    std::ranges::sort(left_out[i]);
    queries.push_back({check.values_, check.min_cosine(), 1, left_out[i]});
  }
  return best_matches(snapshot, queries, work);
}

std::optional<Candidate> DuplicateCheck::check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                                     const std::optional<Candidate>& so_far) const {
  if (allowed()) return std::nullopt;
  TopCandidates top(min_cosine(), 1);
  if (so_far) top.offer(so_far->face, so_far->cosine);
  snapshot.scan(first_slot, [&](const TemplateRow& row) {
    const bool left_out = std::ranges::find(left_out_, row.person) != left_out_.end();
    if (!left_out) top.offer(row.face, exact_cosine(values_, row.values));
  });
  return judge(first_of(top.take()));
}

std::optional<Candidate> DuplicateCheck::judge(std::optional<Candidate> found) const {
  if (found && collection_.policy.duplicates == Duplicates::kReject) {
    throw Error(Cause::kRefused, "DUPLICATE_FACE", describe(*found));
  }
  return found;
}

std::string DuplicateCheck::describe(const Candidate& duplicate) const {
  return fmt::format(
      "face {} of this collection is alike (similarity {:.2f}, the threshold is {}{})", duplicate.face.text(),
      similarity_of_cosine(collection_.binding.calibration, duplicate.cosine), collection_.policy.similarity,
      is_provisional() ? "; the calibration is provisional" : "");
}

void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person) {
  if (!person || snapshot.has_person(*person)) return;
  throw Error(Cause::kRefused, "PERSON_NOT_FOUND",
              "no face of this person is enrolled here; leave metaFaceId out to enrol a new person");
}

}  // namespace facesearch::service
