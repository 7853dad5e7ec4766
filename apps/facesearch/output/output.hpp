// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace facesearch::app {

/// Writes all of `text` to a file descriptor. False, with errno set, if that fails. Async-signal-safe.
bool write_all(int descriptor, std::string_view text);

/// Writes a document and a line end to standard output. False if not all of it could be written.
bool write_document(std::string_view document);

/// True once write_document() was called.
bool document_begun() noexcept;

/// Writes a line to standard error; ignores failures. Of control characters only line ends are sent: what a
/// name or a file says may hold others, and line ends in it are printable()'s to show.
void tell(std::string_view text);

}  // namespace facesearch::app
