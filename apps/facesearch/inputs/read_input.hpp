// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace facesearch::app {

/// All bytes of a file, or of standard input where `path` is `-`; at most `limit` + 1 of them, so that
/// the reader's own limit still sees that there were too many.
/// Throws Error(kInvalidValue) with FILE_NOT_FOUND or FILE_NOT_READABLE, Error(kPermissionDenied),
/// Error(kFileSystem).
std::vector<std::uint8_t> read_input(const std::string& path, std::size_t limit);

/// Throws the Error of an errno that reading a file met, as read_input.
[[noreturn]] void throw_unreadable(const std::string& path, int error);

/// The bytes of one of many pictures, as read_input. What is no regular file is not waited for:
/// Error(kPermissionDenied, FILE_NOT_READABLE).
std::vector<std::uint8_t> read_picture(const std::filesystem::path& file);

/// True where standard input is a terminal.
bool input_is_terminal();

}  // namespace facesearch::app
