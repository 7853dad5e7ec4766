// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/fixtures.hpp"

namespace facesearch::test {

inline constexpr std::size_t kPage = 4096;

/// A store with the collection `staff` of several blocks of every kind and a tail, all that it was after each
/// of its commits, and a place for copies of it that are damaged and repaired.
class DamagedStore {
 public:
  struct Face {
    FaceRecord record;
    std::vector<float> values;
    std::size_t place = 0;  ///< in the order they were added
  };

  explicit DamagedStore(bool sealed);

  /// Puts the copy right again.
  void restore() const { copy_store(original_.store(), copy()); }

  std::filesystem::path copy() const { return folder_.store(); }
  std::filesystem::path staff() const { return copy() / "collections" / "staff"; }
  std::filesystem::path data() const { return staff() / "gen-1" / "data.mdb"; }

  /// The data file as it is, before the last commit, and after the second one.
  const std::string& bytes() const { return bytes_; }
  const std::string& before_last() const { return before_last_; }
  const std::string& earlier() const { return earlier_; }

  const std::map<Uuid, Face>& ever() const { return ever_; }
  const std::set<Uuid>& live() const { return states_.back(); }
  bool sealed() const { return sealed_; }

  /// What a repair of the copy saved; none: it said that nothing can be saved.
  struct Saved {
    RepairReport report;
    std::set<Uuid> faces;
  };

  /// Repairs the copy, holds the answer and the new collection against what was there, then deletes both
  /// collections. Fails for a face that is not what it was, for an erased one that is back, for one that is
  /// neither saved nor told to be lost.
  std::optional<Saved> require_honest_repair() const;

 private:
  void write(Store& store, const std::function<void(WriteTransaction&)>& change);
  void add(WriteTransaction& transaction, const FaceRecord& record);
  void erase(WriteTransaction& transaction, std::size_t place);
  const std::set<Uuid>& state_of(const RepairReport& report, const std::set<Uuid>& saved) const;
  std::set<Uuid> require_right_faces(Store& store, const RepairReport& report) const;
  void require_all_told(const Saved& saved) const;
  void require_deletion(Store& store, const std::optional<Saved>& saved) const;

  TemporaryFolder original_;
  TemporaryFolder folder_;
  bool sealed_;
  std::string bytes_;
  std::string before_last_;
  std::string earlier_;
  std::map<Uuid, Face> ever_;
  std::vector<Uuid> order_;
  std::set<Uuid> now_;
  std::vector<std::set<Uuid>> states_;  // live faces, by commit
};

}  // namespace facesearch::test
