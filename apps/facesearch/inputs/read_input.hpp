// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace facesearch::app {

/// All bytes of a file, or of standard input if `path` is `-`; at most `limit` + 1 of them, so that the
/// caller can tell a file that is too large. Throws as facesearch::throw_unreadable() (core/file.hpp).
std::vector<std::uint8_t> read_input(const std::string& path, std::size_t limit);

/// The name of an input in messages: "standard input", or its path in quotes.
std::string shown_input(const std::string& path);

/// Throws the Error of an errno, naming the file as read_input() does.
[[noreturn]] void throw_unreadable(const std::string& path, int error);

/// The bytes of one of many pictures, as read_input(). Does not wait for a pipe or a device: what is not a
/// regular file is Error(kInvalidValue, FILE_NOT_READABLE), a link that leads nowhere FILE_NOT_FOUND.
std::vector<std::uint8_t> read_picture(const std::filesystem::path& file);

/// True if standard input is a terminal.
bool input_is_terminal();

}  // namespace facesearch::app
