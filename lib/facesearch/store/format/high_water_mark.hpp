// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/format/piece_manifest.hpp"

/// What a collection was at its last change, kept apart from the store: a store that is older than its mark
/// was rolled back. A mark is written after the change is durable and is not made durable itself, so it may
/// lag behind the store and never leads.
namespace facesearch::storage {

struct Mark {
  Uuid generation;
  std::uint64_t side = 0;
  std::uint64_t version = 0;
  std::array<std::uint8_t, 16> tag{};
  bool deleted = false;
  bool sealed = false;  ///< what is not has version 0

  bool operator==(const Mark&) const = default;
};

/// True if a side with this root is from before the mark.
bool is_older(const Mark& mark, const Root& root, const Tag& tag);

/// True if a root that is not sealed is in the place of one that was and was not deleted since.
bool lost_its_seal(const Mark& mark, const Root& root);

/// None if there is no file or it is torn or damaged. Throws Error(kPermissionDenied), (kFileSystem).
std::optional<Mark> read_mark(const std::filesystem::path& file);

/// Writes in place; makes the file (0600) and its folder (0700). One writer at a time. False if that cannot
/// be done: a configuration folder that cannot be written must not stop a change.
bool write_mark(const std::filesystem::path& file, const Mark& mark) noexcept;

}  // namespace facesearch::storage
