// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "facesearch/store/format/mean_rows.hpp"
#include "facesearch/store/lmdb/reader.hpp"
#include "facesearch/store/means.hpp"

namespace facesearch::storage {

/// The means of a side as its pieces have them. An entry of the table persons says where a person's mean is:
/// the person, then a slot that no face has. As all entries it is a hint, confirmed by the pieces. Borrows
/// all it is given. Throws Error(kStoreDamaged).
class MeanRows {
 public:
  MeanRows(const LmdbTransaction& transaction, LmdbPieces& pieces)
      : transaction_(transaction), pieces_(pieces) {}

  /// By the hint; none if there is no hint.
  std::optional<MeanPlace> find(const Uuid& person) const;

  MeanRow row_at(const MeanPlace& place) const;

  bool in_mean(std::uint64_t slot) const;

  /// The slots of a person's faces, rising: by hints, each confirmed.
  std::vector<std::uint64_t> slots_of(const Uuid& person) const;

  /// The slots of the faces that a mean is of: as many as the row says, or something is damaged.
  std::vector<std::uint64_t> faces_of(const MeanPlace& place) const;

 private:
  const LmdbTransaction& transaction_;
  LmdbPieces& pieces_;
};

/// The templates in these slots.
std::vector<std::vector<float>> templates_in(const FaceRows& faces, const std::vector<std::uint64_t>& slots);

/// The ids of faces that are left out of means, rising.
std::vector<Uuid> left_out_of_means(std::span<const Decision> decisions);
std::vector<Uuid> left_out_of_means(LmdbPieces& pieces);

/// What Snapshot::means() gives. `mutex`: of the transaction.
std::unique_ptr<Means> make_means(const LmdbTransaction& transaction, const Sealing& sealing,
                                  LmdbPieces& pieces, std::mutex& mutex);

/// A key of the table persons: of a face of a person, or with kMeanSlot of the person's mean.
std::array<std::uint8_t, 24> person_key(const Uuid& person, std::uint64_t slot);

}  // namespace facesearch::storage
