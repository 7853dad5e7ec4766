// SPDX-License-Identifier: MIT
#include "facesearch/key_check.hpp"

namespace facesearch::app {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

// Reads the store's keys only if their file changed: `key revoke` replaces it, so its inode changes
// (docs/storage-format.md). A key that expires changes nothing there, so they are read once in kInterval too.
void KeyCheck::check() {
  const auto file = stamp_of(invocation_.store_folder() / "keys.json");
  const auto now = std::chrono::steady_clock::now();
  if (file && file == checked_file_ && now - checked_at_ < kInterval) return;
  (void)invocation_.authenticate(scopes_);
  checked_file_ = file;
  checked_at_ = now;
}

}  // namespace facesearch::app
