// SPDX-License-Identifier: MIT
#include "real.hpp"

#include <map>
#include <numeric>

#include <fmt/format.h>

#include "catch.hpp"
#include "facesearch/image/decode.hpp"
#include "support/files.hpp"

namespace real {

namespace fs = std::filesystem;

facesearch::Runtimes runtimes() {
  return facesearch::runtimes_in(FACESEARCH_BINARY_DIR "/lib/facesearch");
}

facesearch::Image align(const facesearch::Image& image, const facesearch::Landmarks& landmarks,
                        const facesearch::AlignmentSpec& spec) {
  return runtimes()("opencv").alignments.front().align(image, {{}, 0, landmarks, {}}, spec);
}

facesearch::Pack pack(const std::string& name) {
  const fs::path files = name == "mini" ? fs::path() : fs::path(FACESEARCH_SHARED_DIR) / "models";
  return facesearch::find_pack({.models = files,
                                .catalog = FACESEARCH_SOURCE_DIR "/models",
                                .made = FACESEARCH_BINARY_DIR "/share/facesearch/networks"},
                               name);
}

facesearch::FaceEngine& engine(const std::string& name) {
  static std::map<std::string, facesearch::FaceEngine> engines;
  return engines.try_emplace(name, pack(name), runtimes()).first->second;
}

facesearch::Image picture(const fs::path& file) {
  REQUIRE(fs::exists(file));
  return facesearch::decode(facesearch::test::contents<std::vector<std::uint8_t>>(file), {}, {});
}

facesearch::Image person(int number, int photograph) {
  return picture(
      fmt::format("{}/tests/data/people/person{:02}-{}.jpg", FACESEARCH_SOURCE_DIR, number, photograph));
}

facesearch::Template template_of(facesearch::FaceEngine& engine, const facesearch::Image& image) {
  facesearch::FaceScene scene = engine.find_faces(image);
  REQUIRE_FALSE(scene.faces.empty());
  engine.place_landmarks(image, scene.faces.front());
  return engine.embed(engine.align(image, scene.faces.front()));
}

double cosine(const facesearch::Template& a, const facesearch::Template& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace real
