// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "facesearch/image/draw.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "facesearch/service/probe/detect.hpp"
#include "facesearch/service/search/search.hpp"

namespace facesearch::app {

/// What is drawn of an answer: each face with its box and landmarks. Labels are the face's number where there
/// are several, as the document lists them, then a score, the name of the best candidate, or the reason why
/// the face was refused. None where a template was given.
std::vector<FaceMark> marks_of(const service::DetectResult& result);
std::vector<FaceMark> marks_of(const service::SearchResult& result);

/// The two sides of a comparison.
struct PairMarks {
  std::vector<FaceMark> a;
  std::vector<FaceMark> b;
};
PairMarks marks_of(const service::VerifyResult& result);

}  // namespace facesearch::app
