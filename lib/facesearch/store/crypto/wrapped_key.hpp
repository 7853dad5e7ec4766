// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "facesearch/core/secret.hpp"
#include "facesearch/store/crypto/master_keys.hpp"

/// A data key under a master key, as JSON. `associated` says what the key is of, and is not in the text.
namespace facesearch::storage {

std::string write_wrap(const Secret& data_key, const MasterKeys::Named& master,
                       std::span<const std::uint8_t> associated);

/// Throws Error(kStoreDamaged, KEY_FILE_INVALID) for what is no wrap or not as it was written,
/// Error(kMasterKey, MASTER_KEY_WRONG) if its master key is unknown; else as MasterKeys.
Secret read_wrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated);

/// The same data key under the present master key; the text itself if it is under that already. Throws as
/// read_wrap().
std::string rewrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated);

}  // namespace facesearch::storage
