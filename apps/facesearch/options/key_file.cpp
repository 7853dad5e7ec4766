// SPDX-License-Identifier: MIT
#include "facesearch/options/key_file.hpp"

#include <string>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/secret.hpp"

namespace facesearch::app {

// Scripts know the reason KEY_FILE, whatever the errno; a full disk and an existing file have their own.
void write_key_file(const std::filesystem::path& file, std::string_view key) {
  std::string line;
  line.reserve(key.size() + 1);
  const CleanseAtEnd wiped(line);
  line.append(key).append("\n");
  try {
    make_private_folders(file.parent_path());
    make_file(file, line);
  } catch (const Error& error) {
    const bool known = error.cause() == Cause::kInvalidValue || error.is(reason::kNoSpace);
    throw Error(error.cause(), known ? error.reason() : "KEY_FILE", error.detail());
  }
}

}  // namespace facesearch::app
