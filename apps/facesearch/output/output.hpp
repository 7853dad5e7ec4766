// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace facesearch::app {

/// Writes all of `text` to a file descriptor, however many calls that takes. False, with errno set, if not.
bool write_all(int descriptor, std::string_view text);

/// Writes a document and a line end to standard output. False if not all of it could be written.
bool write_document(std::string_view document);

/// True from the moment write_document() was called.
bool document_begun() noexcept;

/// Writes a line for people to standard error. Never fails.
void tell(std::string_view text);

}  // namespace facesearch::app
