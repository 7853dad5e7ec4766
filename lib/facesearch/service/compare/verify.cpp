// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/verify.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {
namespace {

// The face or the person of a collection that the picture is compared with.
struct Target {
  std::optional<Uuid> face;
  std::optional<Uuid> person;
};

[[noreturn]] void refuse_missing_person() {
  throw Error(Cause::kRefused, "PERSON_NOT_FOUND", "no face of this person is enrolled in the collection");
}

Target read_target(const VerifyRequest& request) {
  if (!request.face_id.empty()) {
    const auto face = Uuid::parse(request.face_id);
    if (!face) throw Error(Cause::kFaceUnknown, "", "what was given is no face id: those are UUIDs");
    return {face, std::nullopt};
  }
  const auto person = Uuid::parse(request.person_id);
  if (!person) refuse_missing_person();
  return {std::nullopt, person};
}

// The most alike face of the target to each of these templates.
std::vector<Candidate> compare(const Snapshot& snapshot, const Target& target,
                               std::span<const Template* const> probes) {
  std::vector<Candidate> best;
  if (target.face) {
    const auto enrolled = snapshot.find_template(*target.face);
    if (!enrolled) refuse_missing_face(snapshot, *target.face);
    for (const Template* values : probes) best.push_back({*target.face, exact_cosine(*values, *enrolled)});
    return best;
  }
  std::vector<TopCandidates> tops(probes.size(), {-std::numeric_limits<double>::infinity(), 1});
  snapshot.visit_templates(snapshot.slots_of(*target.person), [&](const TemplateRow& row) {
    for (std::size_t i = 0; i < probes.size(); ++i) {
      tops[i].offer(row.face, exact_cosine(*probes[i], row.values));
    }
  });
  for (TopCandidates& top : tops) {
    const auto found = top.take();
    if (found.empty()) refuse_missing_person();
    best.push_back(found.front());
  }
  return best;
}

VerifyResult decide(const Calibration& calibration, double cosine, double policy_similarity) {
  const Threshold threshold = threshold_at(calibration, policy_similarity);
  VerifyResult result;
  result.match = threshold.is_reached_by(cosine);
  result.similarity = similarity_of_cosine(calibration, cosine);
  result.policy_similarity = policy_similarity;
  result.false_match_rate = threshold.false_match_rate;
  result.provisional = calibration.provisional;
  return result;
}

Probe without_template(Probe probe) {
  probe.values.clear();
  return probe;
}

bool is_picture(const ProbeInput& input) {
  return std::holds_alternative<std::vector<std::uint8_t>>(input);
}

// An error names the input it is about, unless the pack is to blame.
template <class Work>
auto named_in_error(const char* which, const ProbeInput& input, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.cause() == Cause::kModelMissing || error.cause() == Cause::kInternal) throw;
    throw Error(error.cause(), error.reason(),
                fmt::format("{} {}: {}", which, is_picture(input) ? "picture" : "template", error.detail()));
  }
}

// What can be checked before a picture is decoded: in the contract's order the model comes before the
// picture.
void require_input(const char* which, const Pack& pack, const ProbeInput& input) {
  named_in_error(which, input, [&] {
    if (const auto* given = std::get_if<GivenTemplate>(&input)) {
      require_of_model(*given, fingerprint(pack), pack.name, pack.embedder.dimension);
    }
  });
}

// One face, or every one.
ProbedPicture probes_of_pair(const char* which, EngineCache& engines, const Pack& pack,
                             const ProbeInput& input, const ProbeRules& rules, bool every) {
  if (const auto* given = std::get_if<GivenTemplate>(&input)) {
    return {{{{given->values, std::nullopt, {}}}}, 0, 1};
  }
  FaceEngine& engine = engines.engine(pack.name);
  const auto& picture = std::get<std::vector<std::uint8_t>>(input);
  return named_in_error(which, input, [&]() -> ProbedPicture {
    if (every) return make_probes(engine, picture, rules);
    return {{{make_probe(engine, picture, rules)}}, 0, 1};
  });
}

// Sorts the pairs, keeps as many as are listed, and drops the templates.
void settle(FacePairs& pairs) {
  pairs.total = pairs.pairs.size();
  std::ranges::sort(pairs.pairs, [](const FacePair& x, const FacePair& y) {
    if (x.similarity != y.similarity) return x.similarity > y.similarity;
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  });
  if (pairs.total > kMaxPairs) pairs.pairs.resize(kMaxPairs);
  for (auto* side : {&pairs.a, &pairs.b}) {
    for (ProbedFace& face : *side) face.probe.values.clear();
  }
}

}  // namespace

VerifyResult verify_pair(EngineCache& engines, const std::string& pack_name, const ProbeInput& a,
                         const ProbeInput& b, double similarity, const FaceChoice& choice) {
  // Checked like a search in a new collection.
  Policy policy;
  policy.similarity = similarity;
  require_valid(policy);
  const Pack& pack = engines.pack(pack_name);
  const Calibration calibration = require_calibration(engines.places(), pack);
  for (const ProbeInput* input : {&a, &b}) {
    if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(input)) require_picture(*picture);
  }
  require_input("first", pack, a);
  require_input("second", pack, b);
  policy.search.several_faces = choice.largest ? SeveralFaces::kLargest : SeveralFaces::kReject;
  ProbeRules rules = rules_of(policy, policy.search);
  rules.face = choice.number;
  ProbedPicture first = probes_of_pair("first", engines, pack, a, rules, choice.every);
  ProbedPicture second = probes_of_pair("second", engines, pack, b, rules, choice.every);
  FacePairs pairs;
  double best = -std::numeric_limits<double>::infinity();
  const Probe* best_a = nullptr;
  const Probe* best_b = nullptr;
  for (std::size_t i = 0; i < first.faces.size(); ++i) {
    for (std::size_t j = 0; j < second.faces.size(); ++j) {
      if (first.faces[i].refused || second.faces[j].refused) continue;
      const Probe& one = first.faces[i].probe;
      const Probe& other = second.faces[j].probe;
      const double cosine = exact_cosine(one.values, other.values);
      const VerifyResult pair = decide(calibration, cosine, similarity);
      pairs.pairs.push_back({i, j, pair.match, pair.similarity});
      if (cosine <= best) continue;
      best = cosine;
      best_a = &one;
      best_b = &other;
    }
  }
  VerifyResult result = decide(calibration, best, similarity);
  result.a = without_template(*best_a);
  result.b = without_template(*best_b);
  if (!choice.every) return result;
  pairs.a = std::move(first.faces);
  pairs.b = std::move(second.faces);
  settle(pairs);
  result.faces = std::move(pairs);
  return result;
}

VerifyResult verify_face(Context& context, const Caller& caller, const VerifyRequest& request) {
  if (request.face_id.empty() && request.person_id.empty()) {
    throw Error(Cause::kFaceIdRequired, "", "neither a face nor a person was named");
  }
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const CollectionRecord& collection = gallery->record();
  const SidePolicy& side = collection.policy.search;
  ProbedPicture picture;
  if (request.every_face) {
    picture = probes_of(context.engines, collection, request.probe, side);
  } else {
    picture = {{{probe_of(context.engines, collection, request.probe, side)}}, 0, 1};
  }
  std::vector<const Template*> probes;
  std::vector<std::size_t> numbers;  // of their faces
  for (std::size_t i = 0; i < picture.faces.size(); ++i) {
    if (picture.faces[i].refused) continue;
    probes.push_back(&picture.faces[i].probe.values);
    numbers.push_back(i);
  }

  const auto snapshot = gallery->snapshot();
  const std::vector<Candidate> candidates = compare(*snapshot, read_target(request), probes);
  const auto best = std::ranges::max_element(candidates, {}, &Candidate::cosine) - candidates.begin();
  const Candidate& candidate = candidates[static_cast<std::size_t>(best)];
  const auto decided = [&](const Candidate& found) {
    return decide(collection.binding.calibration, found.cosine, collection.policy.similarity);
  };
  VerifyResult result = decided(candidate);
  result.a = without_template(picture.faces[numbers[static_cast<std::size_t>(best)]].probe);
  result.face = candidate.face;
  if (const auto face = snapshot->find_face(candidate.face)) result.person = face->person;
  if (!request.every_face) return result;
  FacePairs pairs;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const VerifyResult pair = decided(candidates[i]);
    pairs.pairs.push_back({numbers[i], 0, pair.match, pair.similarity});
  }
  pairs.a = std::move(picture.faces);
  settle(pairs);
  result.faces = std::move(pairs);
  return result;
}

}  // namespace facesearch::service
