// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "real.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <numeric>

#include <catch2/catch.hpp>

#include "facesearch/image/decode.hpp"

namespace {

const std::filesystem::path kShared = FACESEARCH_SHARED_DIR;

// A user has no such folder: the whole executable is then skipped.
struct SkipWithoutShared : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo& /*run*/) override {
    if (std::filesystem::is_directory(kShared / "models" / "yunet")) return;
    std::puts("skipped: no real networks in " FACESEARCH_SHARED_DIR);
    std::exit(77);
  }
};
CATCH_REGISTER_LISTENER(SkipWithoutShared)

}  // namespace

namespace real {

const facesearch::RuntimeTable& table() {
  return facesearch::load_runtime_module(FACESEARCH_BINARY_DIR "/lib/facesearch");
}

facesearch::Pack pack() {
  return facesearch::find_pack({kShared / "models", FACESEARCH_SOURCE_DIR "/models"}, "mobilefacenet");
}

facesearch::FaceEngine& engine() {
  static facesearch::FaceEngine one(pack(), table());
  return one;
}

facesearch::Image picture(const std::string& file) {
  std::ifstream stream(kShared / "data" / file, std::ios::binary);
  REQUIRE(stream.is_open());
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return facesearch::decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, {});
}

std::vector<std::string> pictures(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kShared / "data" / folder)) {
    if (entry.path().extension() == ".jpg") files.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

facesearch::Template template_of(const facesearch::Image& image) {
  const facesearch::FaceScene scene = engine().find_faces(image);
  REQUIRE_FALSE(scene.faces.empty());
  return engine().embed(engine().align(image, scene.faces.front()));
}

double cosine(const facesearch::Template& a, const facesearch::Template& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace real
