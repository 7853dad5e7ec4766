// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace facesearch::app {

/// The passphrase in a file (`-`: standard input), without the line's end. Throws as read_input, but never
/// tells the name: it may be the passphrase itself. Error(kInvalidValue) with PASSPHRASE_EMPTY, or
/// PASSPHRASE_TOO_LONG over 4,096 bytes.
std::string read_passphrase(const std::string& file);

/// That of `file`, else of the file that FACESEARCH_PASSPHRASE_FILE names, else of FACESEARCH_PASSPHRASE.
/// Throws as read_passphrase.
std::optional<std::string> find_passphrase(const std::string& file);

}  // namespace facesearch::app
