// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

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

namespace {

// A manifest whose calibration has another source and perhaps a fingerprint, and whose checksums may be left
// out.
std::string calibrated(const std::string& name, const std::string& source,
                       const std::string& fingerprint = {}, bool recorded = true) {
  auto json = nlohmann::json::parse(made::manifest(name));
  json["calibration"]["source"] = source;
  if (source.empty()) json.erase("calibration");
  if (!fingerprint.empty()) json["calibration"]["fingerprint"] = fingerprint;
  if (!recorded) {
    for (const char* member : {"bytes", "sha256"}) json["embedder"]["network"].erase(member);
  }
  return json.dump();
}

std::string source_of(const PackPlaces& places, const char* name) {
  const auto calibration = facesearch::find_calibration(places, find_pack(places, name));
  return calibration ? calibration->source : "none";
}

}  // namespace

TEST_CASE("a calibration is the user's own, else one of the program's, else the manifest's, by fingerprint") {
  const made::Folder program;
  const made::Folder installed;
  const made::Folder own;
  const PackPlaces places{
      .catalog = program.path(), .installed = installed.path(), .calibrations = own.path()};
  const std::string made_by = fingerprint(made::pack());
  const std::string other(64, '0');

  installed.write("made/manifest.json", calibrated("made", ""));
  CHECK(source_of(places, "made") == "none");
  installed.write("made/manifest.json", calibrated("made", "manifest"));
  CHECK(source_of(places, "made") == "manifest");
  installed.write("made/manifest.json", calibrated("made", "manifest", other));
  CHECK(source_of(places, "made") == "none");
  installed.write("made/manifest.json", calibrated("made", "manifest", made_by));
  CHECK(source_of(places, "made") == "manifest");

  // A manifest of the program that states no checksums says what its calibration is for.
  program.write("catalog/made/manifest.json", calibrated("made", "catalogue", {}, false));
  CHECK(source_of(places, "made") == "manifest");
  program.write("catalog/made/manifest.json", calibrated("made", "catalogue", other, false));
  CHECK(source_of(places, "made") == "manifest");
  program.write("catalog/made/manifest.json", calibrated("made", "catalogue", made_by, false));
  CHECK(source_of(places, "made") == "catalogue");
  // Names do not matter, and a manifest that cannot be read is passed over.
  program.write("catalog/made/manifest.json", "{");
  program.write("alike/manifest.json", calibrated("alike", "built in"));
  CHECK(source_of(places, "made") == "built in");

  facesearch::Calibration measured{{0.1, 0.2, 0.3, 0.4, 0.5}, 1e-5, "own", true};
  own.write(made_by + ".json", calibration_document(measured, "made", made_by));
  CHECK(source_of(places, "made") == "built in");
  measured.provisional = false;
  own.write(made_by + ".json", calibration_document(measured, "made", made_by));
  CHECK(source_of(places, "made") == "own");
  // A provisional one counts where there is no other.
  measured.provisional = true;
  own.write(made_by + ".json", calibration_document(measured, "made", made_by));
  program.write("alike/manifest.json", calibrated("alike", ""));
  CHECK(source_of(places, "made") == "manifest");
  installed.write("made/manifest.json", calibrated("made", ""));
  CHECK(source_of(places, "made") == "own");
  CHECK(facesearch::find_calibration(places, find_pack(places, "made"))->provisional);
}

TEST_CASE("while a checksum is not recorded, only a calibration that names no fingerprint counts") {
  const made::Folder program;
  const PackPlaces places{.catalog = program.path()};
  program.write("catalog/made/manifest.json", calibrated("made", "whatever", {}, false));
  CHECK(source_of(places, "made") == "whatever");
  program.write("catalog/made/manifest.json", calibrated("made", "one", std::string(64, '0'), false));
  CHECK(source_of(places, "made") == "none");
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
