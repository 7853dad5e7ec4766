// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/format/root.hpp"

/// What a collection was at its last change, kept apart from the store: a store that is older than its mark
/// was rolled back.
///
/// The file has two slots with checksums, in disk blocks of their own. A change writes the slot that is not
/// the latest, so a write that is torn by a power failure leaves the mark before it. Only the first mark of a
/// file is synced: an fsync for each enrolment would double the time of a commit. A mark is written after the
/// change is durable, so it may lag behind the store and never leads, and it never goes down.
namespace facesearch::storage {

struct Mark {
  Uuid generation;
  std::uint64_t side = 0;
  std::uint64_t version = 0;
  std::array<std::uint8_t, 16> tag{};
  bool deleted = false;
  bool sealed = false;  ///< without it version and tag are 0

  bool operator==(const Mark&) const = default;
};

/// True if a side with this root is older than the mark, or has another history.
bool is_older(const Mark& mark, const Root& root, const Tag& tag);

/// True if the root is not sealed although the mark's was, and the collection was not deleted since.
bool lost_its_seal(const Mark& mark, const Root& root);

/// None if there is no file, or its first write never reached the disk. Throws Error(kStoreDamaged,
/// MARK_INVALID) if both slots are damaged, which no torn write does; Error(kPermissionDenied),
/// (kFileSystem).
std::optional<Mark> read_mark(const std::filesystem::path& file);

/// Makes the file (0600) and its folder (0700) if need be. One writer at a time. False if it cannot be
/// written: a configuration folder that is read-only must not stop a change.
bool write_mark(const std::filesystem::path& file, const Mark& mark) noexcept;

}  // namespace facesearch::storage
