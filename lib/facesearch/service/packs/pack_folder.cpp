// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/pack_folder.hpp"

#include <system_error>

#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::service {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTemporary = ".tmp-";

}  // namespace

PackFolder::PackFolder(fs::path packs, std::chrono::milliseconds patience) : packs_(std::move(packs)) {
  if (packs_.empty()) {
    throw Error(Cause::kInvalidValue, "HOME_UNKNOWN",
                "neither HOME nor XDG_DATA_HOME is set; installed packs have no place");
  }
  std::error_code failed;
  const fs::path home = packs_.parent_path();
  fs::create_directories(home.parent_path(), failed);
  if (failed) storage::throw_errno(failed.value(), "make the folder", home.parent_path());
  for (const fs::path& folder : {home, packs_, partial()}) storage::make_private_folder(folder);
  lock_.emplace(home / "packs.lock");
  lock_->lock(0, storage::LockMode::kExclusive, storage::Patience(patience), "the folder of model packs");
  remove_temporaries();
}

fs::path PackFolder::partial() const {
  return packs_.parent_path() / "partial";
}

fs::path PackFolder::temporary() const {
  return packs_ / (kTemporary + Uuid::make().text());
}

void PackFolder::replace(const fs::path& made, const std::string& name) const {
  const fs::path place = packs_ / name;
  const fs::path former = temporary();
  std::error_code failed;
  // A link is replaced and not followed, wherever it leads.
  const bool replaces = fs::exists(fs::symlink_status(place, failed));
  if (replaces) {
    fs::rename(place, former, failed);
    if (failed) throw_errno(failed.value(), "rename", place);
  }
  try {
    move_entry(made, place);
  } catch (const NotDurable&) {
    throw;  // the new pack is in place: the former one must not come back beside it
  } catch (...) {
    if (replaces) fs::rename(former, place, failed);
    throw;
  }
  remove_temporaries();
}

void PackFolder::remove(const std::string& name) const {
  storage::move_entry(packs_ / name, temporary());
  remove_temporaries();
}

void PackFolder::remove_temporaries() const {
  std::error_code failed;
  for (fs::directory_iterator entry(packs_, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (entry->path().filename().string().starts_with(kTemporary)) storage::remove_tree(entry->path());
  }
}

}  // namespace facesearch::service
