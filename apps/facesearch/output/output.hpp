// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace facesearch::app {

/// Writes all of `text` to a descriptor. False, with errno set, if that fails. Safe in a signal handler,
/// unlike write_all() of core/file.hpp, which throws.
bool write_all(int descriptor, std::string_view text);

/// Writes a document and a newline to standard output. False if not all of it could be written.
bool write_document(std::string_view document);

/// True once write_document() has been called.
bool document_begun() noexcept;

/// Writes a line for people to standard error. Never fails.
void tell(std::string_view text);

}  // namespace facesearch::app
