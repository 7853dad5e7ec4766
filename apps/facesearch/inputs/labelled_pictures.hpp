// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/service/packs/calibrate.hpp"

namespace facesearch::app {

/// All files below a folder, sorted by their path below it, without hidden ones and links to folders. The
/// person is the name of the first folder below; of a file in the folder itself, its name up to the last - or
/// _
/// (`Ada_Lovelace_0003.jpg`, `person01-2.jpg`). Throws Error(kInvalidValue, FOLDER_INVALID).
std::vector<service::LabelledPicture> pictures_below(const std::filesystem::path& folder);

struct PairList {
  std::vector<service::LabelledPicture> pictures;  ///< paths as in the list, without persons
  std::vector<service::LabelledPair> pairs;
};

/// Reads lines `FILE,FILE,1` (the same person) or `…,0`; the first may be a heading. Paths have no comma. A
/// pair that comes again counts once. Throws Error(kInvalidValue, LIST_INVALID) with the line; as read_input.
PairList read_pairs(const std::string& list);

/// Reads lines `FILE,FILE` or `PERSON,PERSON`. Throws as read_pairs.
std::set<std::pair<std::string, std::string>> read_excluded(const std::string& list);

}  // namespace facesearch::app
