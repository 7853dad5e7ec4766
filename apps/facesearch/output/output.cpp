// SPDX-License-Identifier: MIT
#include "facesearch/output/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>
#include <string>

#include "facesearch/core/utf8.hpp"

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
    std::string lines;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines += printable(text.substr(begin, end - begin)) + '\n';
      begin = end + 1;
    }
    write_all(STDERR_FILENO, lines);  // in one write, so that lines of processes do not mix
  } catch (const std::bad_alloc&) {
    write_all(STDERR_FILENO, text) && write_all(STDERR_FILENO, "\n");
  }
}

}  // namespace facesearch::app
