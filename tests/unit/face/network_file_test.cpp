// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include "made_pack.hpp"

using facesearch::Cause;
using facesearch::Error;
using facesearch::Pack;
using facesearch::read_bounded;
using facesearch::read_network;

namespace {

Error refusal(const Pack& pack) {
  return made::thrown_by([&] { read_network(pack, pack.detector.network); });
}

}  // namespace

TEST_CASE("a network is read whole where size and checksum are right") {
  const made::Folder folder;
  Pack pack = made::pack();
  pack.files = {folder.path()};

  CHECK(refusal(pack).reason() == "MODEL_FILE_MISSING");
  CHECK(refusal(pack).cause() == Cause::kModelMissing);
  CHECK_THAT(refusal(pack).detail(), Catch::Contains("nets/detector.onnx"));
  CHECK_THAT(refusal(pack).detail(), Catch::Contains(folder.path().string()));

  folder.write("nets/detector.onnx", "hell");
  CHECK(refusal(pack).reason() == "MODEL_FILE_SIZE");
  CHECK_THAT(refusal(pack).detail(), Catch::Contains("has 4 bytes, its manifest says 5"));
  folder.write("nets/detector.onnx", "hello!");
  CHECK(refusal(pack).reason() == "MODEL_FILE_SIZE");
  folder.write("nets/detector.onnx", "hellO");
  CHECK(refusal(pack).reason() == "MODEL_FILE_CHECKSUM");
  folder.write("nets/detector.onnx", "hello");
  CHECK(read_network(pack, pack.detector.network) == std::vector<std::uint8_t>{'h', 'e', 'l', 'l', 'o'});
}

TEST_CASE("a file is taken from the first folder that holds it") {
  const made::Folder first;
  const made::Folder second;
  Pack pack = made::pack();
  pack.files = {first.path(), second.path()};
  second.write("nets/detector.onnx", "hello");
  CHECK(find_network(pack, pack.detector.network) == second.path() / "nets/detector.onnx");
  CHECK(read_network(pack, pack.detector.network).size() == 5);
  first.write("nets/detector.onnx", "hellO");
  CHECK(refusal(pack).reason() == "MODEL_FILE_CHECKSUM");
}

TEST_CASE("a file that nothing is recorded of is not read") {
  const made::Folder folder;
  Pack pack = made::pack();
  pack.files = {folder.path()};
  folder.write("nets/detector.onnx", "hello");
  pack.detector.network.sha256.clear();
  CHECK(refusal(pack).reason() == "PACK_NOT_INSTALLED");
  CHECK(made::thrown_by([&] { (void)fingerprint(pack); }).reason() == "PACK_NOT_INSTALLED");
}

TEST_CASE("what is no regular file is no network") {
  const made::Folder folder;
  Pack pack = made::pack();
  pack.files = {folder.path()};
  std::filesystem::create_directories(folder.path() / "nets/detector.onnx");
  CHECK(refusal(pack).reason() == "MODEL_FILE_MISSING");
  std::filesystem::remove(folder.path() / "nets/detector.onnx");
  // Opening it would wait for a writer for ever.
  REQUIRE(mkfifo((folder.path() / "nets/detector.onnx").c_str(), 0600) == 0);
  CHECK(refusal(pack).reason() == "MODEL_FILE_MISSING");
}

TEST_CASE("a file is read up to its limit only") {
  const made::Folder folder;
  folder.write("file", "12345");
  CHECK(read_bounded(folder.path() / "file", 5)->size() == 5);
  CHECK_FALSE(read_bounded(folder.path() / "file", 4));
  CHECK_FALSE(read_bounded(folder.path() / "none", 5));
  CHECK_FALSE(read_bounded("/dev/zero", 5));
  folder.write("empty", "");
  CHECK(read_bounded(folder.path() / "empty", 5)->empty());
}
