// SPDX-License-Identifier: MIT
#include "made_pack.hpp"

using facesearch::Cause;
using facesearch::Error;
using facesearch::find_pack;
using facesearch::Pack;
using facesearch::pack_names;
using facesearch::PackPlaces;
using Names = std::vector<std::string>;

TEST_CASE("a pack is found in each of its places, the first that has the name") {
  const made::Folder models;
  const made::Folder program;
  const PackPlaces places{models.path(), program.path()};

  program.write("catalog/made/manifest.json", made::manifest("made", "from-catalog"));
  CHECK(find_pack(places, "made").detector.network.file == "from-catalog");
  program.write("made/manifest.json", made::manifest("made", "from-program"));
  CHECK(find_pack(places, "made").detector.network.file == "from-program");
  models.write("made/manifest.json", made::manifest("made", "from-models"));
  CHECK(find_pack(places, "made").detector.network.file == "from-models");
  models.write("manifest.json", made::manifest("made", "from-folder"));
  CHECK(find_pack(places, "made").detector.network.file == "from-folder");
  models.write("manifest.json", made::manifest("another", "from-folder"));
  CHECK(find_pack(places, "made").detector.network.file == "from-models");
  CHECK(find_pack(places, "another").detector.network.file == "from-folder");
  CHECK(pack_names(places) == Names{"another", "made"});
}

TEST_CASE(
    "the files of a pack are looked for beside its manifest, in the models folder, among the made ones") {
  using Folders = std::vector<std::filesystem::path>;
  const made::Folder models;
  const made::Folder program;
  program.write("catalog/made/manifest.json", made::manifest());
  const auto beside = program.path() / "catalog/made";
  CHECK(find_pack({models.path(), program.path()}, "made").files ==
        Folders{beside, models.path(), models.path() / "made"});
  CHECK(find_pack({{}, program.path()}, "made").files == Folders{beside});
  CHECK(find_pack({.catalog = program.path(), .made = "/made"}, "made").files == Folders{beside, "/made"});
}

TEST_CASE("a folder that a user named holds a pack, packs, or files") {
  const made::Folder models;
  const made::Folder program;
  program.write("catalog/made/manifest.json", made::manifest());
  const PackPlaces places{models.path(), program.path()};
  const auto found = [&](const std::string& file) {
    models.write(file, "hello");
    const Pack pack = find_pack(places, "made");
    const auto path = find_network(pack, pack.detector.network);
    std::filesystem::remove(models.path() / file);
    return path == models.path() / file;
  };
  const Pack pack = find_pack(places, "made");
  CHECK_FALSE(find_network(pack, pack.detector.network));
  for (const char* file :
       {"nets/detector.onnx", "detector.onnx", "made/nets/detector.onnx", "made/detector.onnx"}) {
    CAPTURE(file);
    CHECK(found(file));
  }
  CHECK(found("another/folder/of any name"));  // by its checksum
  // Of a pack folder that is named itself no folder comes twice.
  models.write("manifest.json", made::manifest());
  CHECK(find_pack(places, "made").files.size() == 2);
}

TEST_CASE("an installed pack goes before the catalogue's, and behind --models") {
  const made::Folder models;
  const made::Folder program;
  const made::Folder installed;
  const PackPlaces places{.models = models.path(), .catalog = program.path(), .installed = installed.path()};
  program.write("catalog/made/manifest.json", made::manifest("made", "from-catalog"));
  installed.write("made/manifest.json", made::manifest("made", "from-installed"));
  CHECK(find_pack(places, "made").detector.network.file == "from-installed");
  models.write("made/manifest.json", made::manifest("made", "from-models"));
  CHECK(find_pack(places, "made").detector.network.file == "from-models");
  CHECK(pack_names(places) == Names{"made"});
}

TEST_CASE("a pack that is nowhere is refused with the folders looked in") {
  const made::Folder models;
  const made::Folder program;
  const Error error = made::thrown_by([&] { find_pack({models.path(), program.path()}, "made"); });
  CHECK(error.cause() == Cause::kModelMissing);
  CHECK(error.reason() == "PACK_NOT_FOUND");
  CHECK_THAT(error.detail(), Catch::Contains(models.path().string()));
  CHECK_THAT(error.detail(), Catch::Contains((program.path() / "catalog" / "made").string()));
  CHECK(made::thrown_by([] { find_pack({}, "made"); }).reason() == "PACK_NOT_FOUND");
  CHECK(pack_names({}).empty());
  CHECK(pack_names({"/nowhere/at/all", {}}).empty());
}

TEST_CASE("a name never leads out of the folders") {
  const made::Folder models;
  models.write("manifest.json", made::manifest("made"));
  std::filesystem::create_directories(models.path() / "inner");
  const PackPlaces places{models.path() / "inner", {}};
  for (const std::string name : {"..", ".", "", "../inner", "/tmp", "a/b"}) {
    INFO(name);
    CHECK(made::thrown_by([&] { find_pack(places, name); }).reason() == "PACK_NOT_FOUND");
  }
}

TEST_CASE("a manifest that is not valid is refused by its path, and goes by its folder's name") {
  const made::Folder models;
  models.write("broken/manifest.json", "{");
  models.write("huge/manifest.json", std::string(2U << 20, ' '));
  models.write("mislabelled/manifest.json", made::manifest("made"));
  std::filesystem::create_directories(models.path() / "folder" / "manifest.json");
  const PackPlaces places{models.path(), {}};
  models.write(".hidden/manifest.json", "{");  // find_pack never looks there
  CHECK(pack_names(places) == Names{"broken", "folder", "huge"});
  for (const std::string name : {"broken", "huge", "folder"}) {
    const Error error = made::thrown_by([&] { find_pack(places, name); });
    CHECK(error.reason() == "MANIFEST_INVALID");
    CHECK_THAT(error.detail(), Catch::Contains((models.path() / name / "manifest.json").string()));
  }
  CHECK(made::thrown_by([&] { find_pack(places, "mislabelled"); }).reason() == "PACK_NOT_FOUND");
}

TEST_CASE("a models folder that is a pack with a manifest that is not valid goes by a name that shows it") {
  const made::Folder models;
  models.write("broken/manifest.json", "{");
  models.write(".broken/manifest.json", "{");
  const auto shown = [](const PackPlaces& places) {
    const Names names = pack_names(places);
    REQUIRE(names.size() == 1);
    CHECK(made::thrown_by([&] { find_pack(places, names[0]); }).reason() == "MANIFEST_INVALID");
    return names[0];
  };
  CHECK(shown({models.path() / "broken", {}}) == "broken");
  CHECK(shown({models.path() / "broken/", {}}) == "broken");
  CHECK(shown({models.path() / ".broken", {}}) == "models");
}

TEST_CASE("a folder of another name that links to a pack whose manifest is not valid goes by its own") {
  const made::Folder models;
  const made::Folder elsewhere;
  elsewhere.write("broken/manifest.json", "{");
  std::filesystem::create_directory_symlink(elsewhere.path() / "broken", models.path() / "linked");
  CHECK(pack_names({models.path(), {}}) == Names{"linked"});
}
