// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace facesearch::app {

// Checks of option values, with texts of our own: CLI11's differ between its versions. CLI11 writes the
// option's name in front:
// "--threads: '0' is not allowed. Give a whole number from 1 to 1024." No check has a description: CLI11
// would add it to the help, which names the limits already.

/// Decimal digits only. (CLI11 itself takes -1 for the largest unsigned number.)
CLI::Validator whole_number(std::uint64_t low = 0,
                            std::uint64_t high = std::numeric_limits<std::uint64_t>::max());

/// Any number. The service refuses NaN and what is out of range, with an error document.
CLI::Validator number();
/// A number in these limits, which NaN is not. (CLI::Range accepts NaN.)
CLI::Validator number(double low, double high, const std::string& unit);

/// A number on the scale from 0 to 100. One between 0 and 1 is taken for one of another scale and refused: as
/// a threshold it would accept everybody. As number(), else.
CLI::Validator number_to_100();

/// One of these words; a mistyped one is answered with the nearest.
CLI::Validator one_of(std::vector<std::string> words);

/// A file, which an option in its place is not: one that takes several files takes the next word, too.
CLI::Validator no_option();

/// An empty value comes from a shell variable that is not set; it does not mean the default.
CLI::Validator not_empty();

}  // namespace facesearch::app
