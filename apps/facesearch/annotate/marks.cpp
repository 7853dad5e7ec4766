// SPDX-License-Identifier: MIT
#include "facesearch/annotate/marks.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/utf8.hpp"

namespace facesearch::app {
namespace {

// Colours that differ in brightness too; the label says the same in words.
constexpr Colour kFound{255, 220, 0};
constexpr Colour kYes{0, 220, 70};
constexpr Colour kNo{255, 140, 0};
constexpr Colour kRefused{230, 40, 40};

constexpr std::size_t kLongestName = 40;  // columns

FaceMark mark_of(const DetectedFace& face, std::string label, const Colour& colour) {
  return {face.box, {face.landmarks.begin(), face.landmarks.end()}, std::move(label), colour};
}

// "#2 " for the second of several.
std::string number_text(std::size_t index, std::size_t count) {
  return count > 1 ? fmt::format("#{} ", index + 1) : "";
}

void add_searched(std::vector<FaceMark>& marks, const service::Sighting& seen, const std::string& number,
                  const std::vector<service::SearchMatch>& matches) {
  if (matches.empty()) {
    marks.push_back(mark_of(seen.face, number + "nobody", kNo));
    return;
  }
  const service::SearchMatch& best = matches.front();
  const std::string name = cut_to_width(printable(best.name), kLongestName);
  marks.push_back(mark_of(seen.face, fmt::format("{}{} {:.2f}", number, name, best.similarity), kYes));
}

std::string verdict_text(bool match, double similarity) {
  return fmt::format("{} {:.2f}", match ? "match" : "no match", similarity);
}

// `side`: which number of a pair is the face's own.
std::vector<FaceMark> compared_marks(const std::vector<service::ProbedFace>& faces,
                                     const std::vector<service::FacePair>& pairs,
                                     std::size_t service::FacePair::*side) {
  std::vector<FaceMark> marks;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto& seen = faces[i].probe.seen;
    if (!seen) continue;
    const std::string number = number_text(i, faces.size());
    if (faces[i].refused) {
      marks.push_back(mark_of(seen->face, number + faces[i].refused->reason(), kRefused));
      continue;
    }
    const auto best = std::ranges::find(pairs, i, side);  // the most alike come first
    if (best == pairs.end()) continue;
    marks.push_back(
        mark_of(seen->face, number + verdict_text(best->match, best->similarity), best->match ? kYes : kNo));
  }
  return marks;
}

}  // namespace

std::vector<FaceMark> marks_of(const service::DetectResult& result) {
  std::vector<FaceMark> marks;
  for (std::size_t i = 0; i < result.faces.size(); ++i) {
    const DetectedFace& face = result.faces[i].face;
    marks.push_back(
        mark_of(face, fmt::format("{}{:.3f}", number_text(i, result.faces.size()), face.score), kFound));
  }
  return marks;
}

std::vector<FaceMark> marks_of(const service::SearchResult& result) {
  std::vector<FaceMark> marks;
  if (!result.faces) {
    if (result.seen) add_searched(marks, *result.seen, "", result.matches);
    return marks;
  }
  for (std::size_t i = 0; i < result.faces->size(); ++i) {
    const service::SearchedFace& face = (*result.faces)[i];
    if (!face.seen) continue;
    const std::string number = number_text(i, result.faces->size());
    if (face.refused) {
      marks.push_back(mark_of(face.seen->face, number + face.refused->reason(), kRefused));
    } else {
      add_searched(marks, *face.seen, number, face.found.matches);
    }
  }
  return marks;
}

PairMarks marks_of(const service::VerifyResult& result) {
  if (result.faces) {
    return {compared_marks(result.faces->a, result.faces->pairs, &service::FacePair::a),
            compared_marks(result.faces->b, result.faces->pairs, &service::FacePair::b)};
  }
  PairMarks marks;
  const std::string label = verdict_text(result.match, result.similarity);
  const Colour& colour = result.match ? kYes : kNo;
  if (result.a.seen) marks.a.push_back(mark_of(result.a.seen->face, label, colour));
  if (result.b && result.b->seen) marks.b.push_back(mark_of(result.b->seen->face, label, colour));
  return marks;
}

}  // namespace facesearch::app
