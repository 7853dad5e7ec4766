// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/fixtures.hpp"

namespace facesearch::test {

/// A side as layout 1 had it, in clear.
struct OldSide {
  struct Row {
    std::uint64_t slot = 0;
    FaceRecord face;
    std::vector<float> values;
  };
  CollectionRecord record;
  std::vector<Row> rows;
  std::map<Uuid, bool> erased;  ///< and whether a migration left it out
  std::uint64_t next_slot = 0;
};

/// Makes an empty store of layout 1 and answers its id.
Uuid make_old_store(const std::filesystem::path& folder);

/// Puts a collection into it, with the side that it keeps if it keeps one.
void put_old_collection(const std::filesystem::path& folder, const OldSide& live,
                        const std::optional<OldSide>& kept = std::nullopt);

/// A collection's deleted faces.
void put_old_tombstone(const std::filesystem::path& folder, const Uuid& store, const std::string& collection,
                       const std::vector<Uuid>& faces);

}  // namespace facesearch::test
