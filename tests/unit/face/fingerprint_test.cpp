// SPDX-License-Identifier: MIT
#include <set>

#include "made_pack.hpp"

using facesearch::fingerprint;
using facesearch::Pack;

TEST_CASE("the fingerprint is the one that collections were made with") {
  // The SHA-256 of the lines that fingerprint.cpp documents, made with sha256sum.
  Pack pack = made::pack();
  CHECK(fingerprint(pack) == "db73b29c526a577d1cf24ab40c5bf00fb5bbe239a1d310a84062f606527565be");
  pack.landmarks.reset();
  CHECK(fingerprint(pack) == "9e2f0da7ddc4e5149d7e913b1e0a1a6b23a419c0fe4eadaf5f1ed8969cc0e50e");
}

TEST_CASE("the fingerprint tells packs apart by what decides a template") {
  using Change = void (*)(Pack&);
  const std::vector<Change> changes{
      [](Pack& p) { p.detector.runtime = "other"; },
      [](Pack& p) { p.detector.network.sha256[0] = 'f'; },
      [](Pack& p) { p.detector.input.rgb = true; },
      [](Pack& p) { p.detector.min_score = 0.71; },
      [](Pack& p) { p.detector.nms = 0.31; },
      [](Pack& p) { p.detector.sure_score = 0.91; },
      [](Pack& p) { p.detector.turned_score = 0.76; },
      [](Pack& p) { p.alignment.width = 113; },
      [](Pack& p) { p.alignment.height = 113; },
      [](Pack& p) { p.alignment.landmarks[4].y += 1e-9; },
      [](Pack& p) { p.embedder.runtime = "other"; },
      [](Pack& p) { p.embedder.network.sha256[63] = '0'; },
      [](Pack& p) { p.embedder.input.width = 1; },
      [](Pack& p) { p.embedder.input.height = 1; },
      [](Pack& p) { p.embedder.input.rgb = false; },
      [](Pack& p) { p.embedder.input.mean[0] = 0; },
      [](Pack& p) { p.embedder.input.mean[2] = 0; },
      [](Pack& p) { p.embedder.input.scale = 1; },
      [](Pack& p) { p.landmarks.reset(); },
      [](Pack& p) { p.landmarks->runtime = "other"; },
      [](Pack& p) { p.landmarks->input.width = 65; },
      [](Pack& p) { p.landmarks->network.sha256[1] = '0'; },
      [](Pack& p) { p.landmarks->input.scale = 2; },
      [](Pack& p) { p.landmarks->points[3].x = 25; },
      [](Pack& p) { p.embedder.output = ""; },
      [](Pack& p) { p.embedder.dimension = 64; },
      [](Pack& p) { p.embedder.mirror = true; },
      [](Pack& p) { p.landmarks->mirror = true; },
      [](Pack& p) {
        p.embedder.sphere = {{std::vector<float>(128, 0.05F), 0.1}};
      },
      [](Pack& p) {
        p.embedder.sphere = {{std::vector<float>(128, 0.06F), 0.1}};
      },
      [](Pack& p) {
        p.embedder.sphere = {{std::vector<float>(128, 0.05F), 0.2}};
      },
      [](Pack& p) { p.detector.enlarge = 1; },
      [](Pack& p) { p.detector.shape = p.detector.network; },
      [](Pack& p) { p.alignment.runtime = "dlib-chip"; },
      [](Pack& p) {
        p.alignment.runtime = "dlib-chip";
        p.alignment.padding = 0.25;
      },
  };
  std::set<std::string> seen{fingerprint(made::pack())};
  for (const Change change : changes) {
    Pack pack = made::pack();
    change(pack);
    seen.insert(fingerprint(pack));
  }
  CHECK(seen.size() == changes.size() + 1);
}

TEST_CASE("the fingerprint does not depend on the rest") {
  Pack pack = made::pack();
  pack.name = "other";
  pack.title = "Other";
  pack.files = {"/elsewhere"};
  pack.liveness.reset();
  pack.calibration.reset();
  pack.detector.network.file = "moved.onnx";
  pack.detector.network.licence = "GPL";
  pack.embedder.network.source = "mirror";
  pack.detector.input.mean[0] = -0.0;
  CHECK(fingerprint(pack) == fingerprint(made::pack()));
}
