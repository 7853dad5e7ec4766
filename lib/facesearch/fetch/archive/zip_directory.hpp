// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace facesearch {

/// The most bytes that the directory of this zip can have: from where it says to begin up to its end mark;
/// the largest where the end of the file has several marks. libarchive keeps a structure for each entry of
/// it, before it gives the first member. 0 where no mark is found, or the file cannot be read.
std::uint64_t zip_directory_bytes(int file, std::uint64_t file_bytes);

}  // namespace facesearch
