// SPDX-License-Identifier: MIT
#include "facesearch/output/output.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <string>

namespace facesearch::app {
namespace {

std::atomic<bool> begun = false;

}  // namespace

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
  begun = true;
  return write_all(STDOUT_FILENO, std::string(document) + '\n');
}

bool document_begun() noexcept {
  return begun;
}

void tell(std::string_view text) {
  try {
    write_all(STDERR_FILENO,
              std::string(text) + '\n');  // in one write, so that lines of processes do not mix
  } catch (const std::bad_alloc&) {
    write_all(STDERR_FILENO, text) && write_all(STDERR_FILENO, "\n");
  }
}

}  // namespace facesearch::app
