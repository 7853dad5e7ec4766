// SPDX-License-Identifier: MIT
#include "facesearch/key_check.hpp"

namespace facesearch::app {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr std::chrono::milliseconds kLook{1};  // a batch of templates has a hundred inputs meanwhile

}  // namespace

// Reads the store's keys only if their file changed: `key revoke` replaces it, so its inode changes
// (docs/storage-format.md). A key that expires changes nothing there, so they are read once in kInterval too.
void KeyCheck::check() {
  const auto now = std::chrono::steady_clock::now();
  if (checked_file_ && now - looked_at_ < kLook) return;
  const auto file = stamp_of(invocation_.store_folder() / "keys.json");
  looked_at_ = now;
  if (file && file == checked_file_ && now - checked_at_ < kInterval) return;
  (void)invocation_.authenticate(scopes_);
  checked_file_ = file;
  checked_at_ = now;
}

}  // namespace facesearch::app
