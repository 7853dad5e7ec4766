// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace facesearch {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of the bytes. Throws Error(kInternal) if the library refuses.
Sha256 sha256(std::span<const std::uint8_t> bytes);
Sha256 sha256(std::string_view text);

/// Lower-case hexadecimal, two digits a byte.
std::string hex(std::span<const std::uint8_t> bytes);

/// Fills the buffer from the kernel's random generator. Throws Error(kInternal).
void random_bytes(std::span<std::uint8_t> out);

}  // namespace facesearch
