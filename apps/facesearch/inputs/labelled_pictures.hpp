// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/service/packs/calibrate.hpp"

namespace facesearch::app {

/// All files below a folder, sorted, by their path below it; not hidden ones, nor what lies in folders that
/// are links. Whose face it is says the first folder below, or, for a file that lies in the folder itself,
/// its name up to the last - or _
/// (`Ada_Lovelace_0003.jpg`, `person01-2.jpg`). Throws Error(kInvalidValue, FOLDER_INVALID).
std::vector<service::LabelledPicture> pictures_below(const std::filesystem::path& folder);

struct PairList {
  std::vector<service::LabelledPicture> pictures;  ///< paths as the list has them; nobody's name
  std::vector<service::LabelledPair> pairs;
};

/// Reads lines `FILE,FILE,1` (the same person) or `…,0`, the first possibly a heading. Paths hold no comma. A
/// pair that comes again counts once. Throws Error(kInvalidValue, LIST_INVALID) naming the line, and as
/// read_input.
PairList read_pairs(const std::string& list);

/// Reads lines `FILE,FILE` or `PERSON,PERSON`. Throws as read_pairs.
std::set<std::pair<std::string, std::string>> read_excluded(const std::string& list);

}  // namespace facesearch::app
