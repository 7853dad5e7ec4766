// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace facesearch::app {

/// The passphrase in a file (`-`: standard input), without the end of the line. Throws as read_input, but
/// without the file's name, which may be the passphrase itself; Error(kInvalidValue): PASSPHRASE_EMPTY,
/// PASSPHRASE_TOO_LONG.
std::string read_passphrase(const std::string& file);

/// The passphrase in `file`, else in the file of FACESEARCH_PASSPHRASE_FILE, else in FACESEARCH_PASSPHRASE.
/// Throws as read_passphrase.
std::optional<std::string> find_passphrase(const std::string& file);

}  // namespace facesearch::app
