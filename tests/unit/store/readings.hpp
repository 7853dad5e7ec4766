// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/fixtures.hpp"

namespace facesearch::test {

/// Ids that a reading asks for.
struct Sample {
  std::vector<Uuid> live;
  std::vector<Uuid> erased;
  std::vector<Uuid> persons;
};

/// What each way to read the collection `staff` answers, as text, or kDamaged for one that ended with
/// Error(kStoreDamaged) or Error(kMasterKey). Whatever else is thrown passes through.
using Answers = std::map<std::string, std::string>;
inline constexpr const char* kDamaged = "damaged";
inline constexpr const char* kAnything = "anything";
Answers read_every_way(const std::filesystem::path& folder, const Sample& sample);

/// The reason with which check() refuses the collection; empty if it does not.
std::string check_reason(const std::filesystem::path& folder);

/// Fails for a reading that answers something else than `right`, unless it found damage or is `forgiven`
/// (one, or kAnything). Answers how many found damage.
int require_right_or_damaged(const Answers& right, const Answers& now, const std::string& forgiven = {});

/// Makes the collections `staff` and `other` with several blocks of every kind, of kOtherDimension: erased
/// faces, large records. The same ids, persons and templates in both.
Sample make_large_store(const std::filesystem::path& folder, bool sealed);

/// Changes much and little in `staff`, with another face erased and one added.
void change_large_store(const std::filesystem::path& folder, Sample& sample);

}  // namespace facesearch::test
