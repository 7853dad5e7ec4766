// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/face/pack/pack.hpp"

namespace facesearch {
namespace {

// Shortest text that reads back as the same double; a negative zero is zero.
std::string exact(double number) {
  return fmt::format("{}", number + 0.0);
}

std::string input_line(const NetworkInput& input) {
  return fmt::format("input {} {} {} {} {} {} {}\n", input.width, input.height, input.rgb ? "rgb" : "bgr",
                     exact(input.mean[0]), exact(input.mean[1]), exact(input.mean[2]), exact(input.scale));
}

}  // namespace

// This text must never change: existing collections are compared with it. A new version needs another first
// line.
std::string fingerprint(const Pack& pack) {
  for (const NetworkRole& network : networks_of(pack)) require_recorded(pack, *network.file);
  std::string text = "facesearch fingerprint 1\n";
  text += fmt::format("detector {} {}\n", pack.detector.runtime, pack.detector.network.sha256);
  if (pack.detector.shape) text += fmt::format("shape {}\n", pack.detector.shape->sha256);
  if (pack.detector.enlarge != 0) text += fmt::format("enlarge {}\n", pack.detector.enlarge);
  text += input_line(pack.detector.input);
  text += fmt::format("detections {} {} {} {}\n", exact(pack.detector.min_score), exact(pack.detector.nms),
                      exact(pack.detector.sure_score), exact(pack.detector.turned_score));
  if (pack.landmarks) {
    text += fmt::format("landmarks {} {}\n", pack.landmarks->runtime, pack.landmarks->network.sha256);
    text += input_line(pack.landmarks->input);
    for (const Point& point : pack.landmarks->points) {
      text += fmt::format("point {} {}\n", exact(point.x), exact(point.y));
    }
    if (pack.landmarks->mirror) text += "mirror\n";
  }
  text += fmt::format("alignment {} {}\n", pack.alignment.width, pack.alignment.height);
  if (pack.alignment.runtime == AlignmentSpec{}.runtime) {
    for (const Point& point : pack.alignment.landmarks) {
      text += fmt::format("landmark {} {}\n", exact(point.x), exact(point.y));
    }
  } else {
    text += fmt::format("{} {}\n", pack.alignment.runtime, exact(pack.alignment.padding));
  }
  text += fmt::format("embedder {} {}\n", pack.embedder.runtime, pack.embedder.network.sha256);
  text += input_line(pack.embedder.input);
  text += fmt::format("output {} {}\n", pack.embedder.dimension, pack.embedder.output);
  if (pack.embedder.mirror) text += "mirror\n";
  if (pack.embedder.sphere) {
    text += fmt::format("sphere {}\n", exact(pack.embedder.sphere->radius));
    for (const float value : pack.embedder.sphere->centre)
      text += fmt::format("centre {}\n", exact(double{value}));
  }
  return hex(sha256(text));
}

}  // namespace facesearch
