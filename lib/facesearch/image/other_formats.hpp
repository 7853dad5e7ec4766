// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace facesearch {

/// What a file is that is of none of our formats, for an error's words: "a GIF picture", "a video". Empty
/// where the first bytes say nothing.
std::string_view other_format(std::span<const std::uint8_t> file);

/// True if the bytes from `offset` on are these.
bool holds(std::span<const std::uint8_t> file, std::size_t offset, std::string_view bytes);

}  // namespace facesearch
