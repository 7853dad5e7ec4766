// SPDX-License-Identifier: MIT
#include "facesearch/face/runtimes/runtime_module.hpp"

#include "made_pack.hpp"

using facesearch::Cause;
using facesearch::Error;
using facesearch::load_runtime_module;

TEST_CASE("a module that cannot be loaded is told by its path, every time") {
  const made::Folder folder;
  for (int round = 0; round < 2; ++round) {
    const Error error = made::thrown_by([&] { load_runtime_module(folder.path(), "opencv"); });
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == "RUNTIME_MISSING");
    CHECK_THAT(error.detail(), Catch::Contains((folder.path() / "facesearch-opencv.so").string()));
  }
  folder.write("facesearch-opencv.so", "no library");
  CHECK(made::thrown_by([&] { load_runtime_module(folder.path(), "opencv"); }).reason() == "RUNTIME_MISSING");
}

TEST_CASE("a manifest cannot name a file to load") {
  const made::Folder folder;
  for (const char* library : {"", "tensorflow", "../opencv", "opencv.so", "OPENCV"}) {
    const Error error = made::thrown_by([&] { load_runtime_module(folder.path(), library); });
    CHECK(error.reason() == "RUNTIME_MISSING");
    CHECK_THAT(error.detail(), Catch::Contains("this program knows opencv, dlib"));
  }
}
