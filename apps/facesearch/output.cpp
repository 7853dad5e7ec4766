// SPDX-License-Identifier: MIT
#include "facesearch/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace facesearch::app {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_document(std::string_view document) {
  return write_all(STDOUT_FILENO, std::string(document) + '\n');
}

void tell(std::string_view text) {
  write_all(STDERR_FILENO, std::string(text) + '\n');
}

}  // namespace facesearch::app
