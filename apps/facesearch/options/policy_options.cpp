// SPDX-License-Identifier: MIT
#include "facesearch/options/policy_options.hpp"

#include "facesearch/options/option_checks.hpp"

namespace facesearch::app {
namespace {

template <typename T>
void set_if(const std::optional<T>& given, T& value) {
  if (given) value = *given;
}

}  // namespace

void PolicyOptions::add_faces(CLI::App& command, Side& side, const std::string& option,
                              const std::string& usual) {
  command.add_option(option, side.faces, "Several faces in a picture" + usual)
      ->check(one_of({"reject", "largest"}))
      ->type_name("reject|largest");
}

void PolicyOptions::add_side(CLI::App& command, Side& side, const std::string& verb) {
  command.add_option("--" + verb + "-liveness", side.liveness, "Check liveness at " + verb)
      ->check(one_of({"on", "off"}))
      ->type_name("on|off");
  command.add_option("--" + verb + "-liveness-threshold", side.threshold, "0-100")
      ->check(number_to_100())
      ->type_name("N");
  add_faces(command, side, "--" + verb + "-faces", verb == "enroll" ? " (reject)" : " (largest)");
}

void PolicyOptions::add_quality(CLI::App& command) {
  command.add_option("--quality", quality_, "Required quality of a face (basic)")
      ->check(one_of({"none", "basic", "strict"}))
      ->type_name("none|basic|strict");
  command.add_option("--min-face-px", min_face_px_, "Smallest width of a face in pixels (32)")
      ->check(whole_number())
      ->type_name("N");
}

void PolicyOptions::add_picture_to(CLI::App& command) {
  add_quality(command);
  add_faces(command, enroll_, "--faces", " (reject)");
}

void PolicyOptions::add_to(CLI::App& command) {
  command
      .add_option("--similarity", similarity_, "Threshold, 0-100; 80: one false match in 10,000 comparisons")
      ->check(number_to_100())
      ->type_name("N");
  add_side(command, enroll_, "enroll");
  add_side(command, search_, "search");
  command.add_option("--duplicates", duplicates_, "When a face is enrolled already")
      ->check(one_of({"allow", "warn", "reject"}))
      ->type_name("allow|warn|reject");
  command.add_option("--match-by", match_by_, "Compare a probe with each face, or with each person (face)")
      ->check(one_of({"person", "face"}))
      ->type_name("person|face");
  add_quality(command);
  command.add_option("--max-bytes", max_bytes_, "Largest file of a picture, in bytes")
      ->check(whole_number())
      ->type_name("N");
  command.add_option("--max-pixels", max_pixels_, "Most pixels of a picture")
      ->check(whole_number())
      ->type_name("N");
  command.add_option("--max-side", max_side_, "Longest side of a picture, in pixels")
      ->check(whole_number())
      ->type_name("N");
}

void PolicyOptions::apply(const Side& side, SidePolicy& policy) {
  if (!side.liveness.empty()) policy.liveness = side.liveness == "on";
  set_if(side.threshold, policy.liveness_threshold);
  if (!side.faces.empty()) {
    policy.several_faces = side.faces == "reject" ? SeveralFaces::kReject : SeveralFaces::kLargest;
  }
}

Policy PolicyOptions::over(const Policy& base) const {
  Policy policy = base;
  set_if(similarity_, policy.similarity);
  apply(enroll_, policy.enroll);
  apply(search_, policy.search);
  if (!duplicates_.empty()) {
    policy.duplicates = duplicates_ == "allow"  ? Duplicates::kAllow
                        : duplicates_ == "warn" ? Duplicates::kWarn
                                                : Duplicates::kReject;
  }
  if (!quality_.empty()) {
    policy.quality = quality_ == "none"    ? QualityLevel::kNone
                     : quality_ == "basic" ? QualityLevel::kBasic
                                           : QualityLevel::kStrict;
  }
  set_if(min_face_px_, policy.min_face_px);
  set_if(max_bytes_, policy.image.max_bytes);
  set_if(max_pixels_, policy.image.max_pixels);
  set_if(max_side_, policy.image.max_side);
  if (!match_by_.empty()) policy.match_by = match_by_ == "person" ? MatchBy::kPerson : MatchBy::kFace;
  return policy;
}

}  // namespace facesearch::app
