// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "facesearch/store/lmdb/means.hpp"

namespace facesearch::storage {

/// Makes the means follow what a write transaction does to faces: it notes whose faces change, and works each
/// of those persons' means out from its faces at the end. Nothing is added up over commits, so a mean depends
/// on its faces alone. Borrows all it is given.
class MeanChanges {
 public:
  MeanChanges(LmdbTransaction& transaction, LmdbPieceWriter& pieces)
      : transaction_(transaction),
        pieces_(pieces),
        rows_(transaction, pieces),
        kept_before_(is_by_person()) {}

  /// A face of the person came, got another template, or is left out of its mean from here on or not any
  /// more.
  void touch(const Uuid& person) {
    if (kept_before_) touched_[person];
  }

  /// The face in the slot is not one of the person's any more.
  void leave(std::uint64_t slot, const Uuid& person);

  /// Changes the means. Makes all, or drops all, if from this transaction on the collection is matched by
  /// person, or is not any more.
  void finish();

 private:
  bool is_by_person() const { return pieces_.root().record.policy.match_by == MatchBy::kPerson; }
  void touch_all();
  void drop_all();
  void follow(const Uuid& person, std::uint64_t left);
  void set_in_mean(std::uint64_t slot, bool in_mean);
  void put(const MeanPlace& place, const MeanRow& row);
  void append(std::size_t group, const MeanRow& row);
  void remove(const MeanPlace& place, const Uuid& person);

  LmdbTransaction& transaction_;
  LmdbPieceWriter& pieces_;
  MeanRows rows_;
  bool kept_before_;
  std::map<Uuid, std::uint64_t> touched_;  // persons, and how many faces have left the mean of each
  std::vector<Uuid> left_out_;
};

}  // namespace facesearch::storage
