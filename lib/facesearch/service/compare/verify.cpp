// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/verify.hpp"

#include <limits>
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

Candidate compare(const Snapshot& snapshot, const Target& target, const Template& values) {
  if (target.face) {
    const auto enrolled = snapshot.find_template(*target.face);
    if (!enrolled) refuse_missing_face(snapshot, *target.face);
    return {*target.face, exact_cosine(values, *enrolled)};
  }
  TopCandidates top(-std::numeric_limits<double>::infinity(), 1);
  snapshot.visit_templates(snapshot.slots_of(*target.person), [&](const TemplateRow& row) {
    top.offer(row.face, exact_cosine(values, row.values));
  });
  const auto found = top.take();
  if (found.empty()) refuse_missing_person();
  return found.front();
}

VerifyResult decide(const Calibration& calibration, double cosine, double policy_similarity) {
  const Threshold threshold = threshold_at(calibration, policy_similarity);
  VerifyResult result;
  result.match = threshold.is_reached_by(cosine);
  result.similarity = similarity_of_cosine(calibration, cosine);
  result.policy_similarity = policy_similarity;
  result.false_match_rate = threshold.false_match_rate;
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

Probe probe_of_pair(const char* which, EngineCache& engines, const Pack& pack, const ProbeInput& input,
                    const ProbeRules& rules) {
  if (const auto* given = std::get_if<GivenTemplate>(&input)) return {given->values, std::nullopt, {}};
  FaceEngine& engine = engines.engine(pack.name);
  return named_in_error(
      which, input, [&] { return make_probe(engine, std::get<std::vector<std::uint8_t>>(input), rules); });
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
  Probe first = probe_of_pair("first", engines, pack, a, rules);
  Probe second = probe_of_pair("second", engines, pack, b, rules);
  VerifyResult result = decide(calibration, exact_cosine(first.values, second.values), similarity);
  result.a = without_template(std::move(first));
  result.b = without_template(std::move(second));
  return result;
}

VerifyResult verify_face(Context& context, const Caller& caller, const VerifyRequest& request) {
  if (request.face_id.empty() && request.person_id.empty()) {
    throw Error(Cause::kFaceIdRequired, "", "neither a face nor a person was named");
  }
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const CollectionRecord& collection = gallery->record();
  Probe probe = probe_of(context.engines, collection, request.probe, collection.policy.search);

  const auto snapshot = gallery->snapshot();
  const Candidate candidate = compare(*snapshot, read_target(request), probe.values);
  VerifyResult result =
      decide(collection.binding.calibration, candidate.cosine, collection.policy.similarity);
  result.a = without_template(std::move(probe));
  result.face = candidate.face;
  if (const auto face = snapshot->find_face(candidate.face)) result.person = face->person;
  return result;
}

}  // namespace facesearch::service
