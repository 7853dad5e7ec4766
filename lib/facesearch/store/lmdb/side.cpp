// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/side.hpp"

#include <unistd.h>

#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/guard/data_file.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSidesFile = 4096;
constexpr std::size_t kMaxWrapFile = 4096;

bool counts(const SidesRecord& sides, std::uint64_t number) {
  return number == sides.live || number == sides.kept;
}

// A key that is missing is another fault than a piece that is damaged: one small file mends it.
void require_key_if_sealed(const LmdbTransaction& transaction, const fs::path& folder) {
  const auto root = transaction.get(transaction.tables().pieces, piece_key(name_of(PieceKind::kRoot, 0)));
  if (root && says_sealed(*root) && !is_file(folder / kWrapFile)) {
    refuse_without_key(folder);
  }
}

// The pieces know what they are bound to once their root is read.
void bind(OpenSide& side, const fs::path& folder) {
  const LmdbTransaction transaction(side.environment, LmdbTransaction::Kind::kRead);
  require_key_if_sealed(transaction, folder);
  const LmdbPieces pieces(transaction, side.sealing);
  const CollectionRecord& record = pieces.root().record;
  if (record.sealed != side.sealing.sealed()) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID", "the collection's key belongs to another one");
  }
  side.sealing.bind(record.generation, record.binding);
}

}  // namespace

std::unique_ptr<OpenSide> open_side(OpenStore& store, const std::string& id, std::uint64_t number) {
  const fs::path folder = store.folder.side(id, number);
  Sealing sealing = sealing_of(store, id, number);
  const fs::path data = folder / kDataFile;
  if (!has_all_pages(data)) {
    CollectionLock writer(store.folder.lock(id), id, store.options.lock_timeout);
    if (!store.read_only) writer.lock_writer();
    extend_over_free_pages(data);
  }
  auto side =
      std::make_unique<OpenSide>(folder, LmdbEnvironment::Mode::kOpen, store.options, std::move(sealing));
  bind(*side, folder);
  return side;
}

Sealing sealing_of(OpenStore& store, const std::string& id, std::uint64_t number) {
  const Sha256 place = side_place(store.folder.id, id, number);
  const fs::path wrap = store.folder.side(id, number) / kWrapFile;
  if (!is_file(wrap)) {
    return {place, std::nullopt};
  }
  return {place, read_wrap(read_file(wrap, kMaxWrapFile), store.keys, place)};
}

void refuse_without_key(const fs::path& side) {
  throw Error(Cause::kStoreDamaged, "FILE_MISSING",
              fmt::format("{} is missing: the collection's key, without which nothing of it can be read; "
                          "restore it from a backup",
                          (side / kWrapFile).string()));
}

bool sealed_under_known_key(OpenStore& store, const std::string& id, std::uint64_t number) {
  return sealing_of(store, id, number).sealed();
}

void wrap_anew(OpenStore& store, const std::string& id, std::uint64_t number) {
  const fs::path wrap = store.folder.side(id, number) / kWrapFile;
  if (!is_file(wrap)) {
    return;
  }
  const std::string before = read_file(wrap, kMaxWrapFile);
  const std::string after = rewrap(before, store.keys, side_place(store.folder.id, id, number));
  if (after != before) {
    replace_file(wrap, store.folder.temporary(), after);
  }
}

std::vector<std::uint64_t> side_numbers(const fs::path& collection) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator at(collection, error), end; !error && at != end; at.increment(error)) {
    if (const auto number = side_number(at->path().filename().string())) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

Committed last_commit_of(OpenSide& side) {
  const SideView view(side.environment, side.sealing);
  return {view.root().switches, view.root().version, view.pieces.root_tag()};
}

SidesRecord read_sides(const StoreFolder& folder, std::string_view id) {
  try {
    const SidesRecord sides = read_sides(read_file(folder.sides_file(id), kMaxSidesFile));
    if (sides.kept == sides.live) {
      refuse_record("the side that is live is kept as the former one too");
    }
    return sides;
  } catch (const Error& error) {
    if (!error.is(reason::kFileMissing) && !error.is(reason::kRecordInvalid)) {
      throw;
    }
    throw Error(error.cause(), error.reason(), fmt::format("{}; {}", error.detail(), kDamageAdvice));
  }
}

void require_kin(const CollectionRecord& live, const CollectionRecord& kept) {
  if (live.id != kept.id || live.sealed != kept.sealed) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID", "the side that is kept is another collection's");
  }
}

void replace_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides) {
  replace_file(folder.sides_file(id), folder.temporary(), write_sides(sides));
}

std::unique_ptr<OpenSide> make_side(OpenStore& store, const fs::path& folder, std::uint64_t number,
                                    Root root) {
  const Sha256 place = side_place(store.folder.id, root.record.id, number);
  std::optional<Secret> data_key;
  if (root.record.sealed) {
    data_key = Secret::random();
    replace_file(folder / kWrapFile, store.folder.temporary(),
                 write_wrap(*data_key, store.keys.present(), place));
  }
  auto side = std::make_unique<OpenSide>(folder, LmdbEnvironment::Mode::kMake, store.options,
                                         Sealing(place, std::move(data_key)));
  side->sealing.bind(root.record.generation, root.record.binding);
  root.geometry = geometry_of(root.record.binding.dimension);
  commit_first_root(side->environment, side->sealing, root);
  return side;
}

void place_side(const StoreFolder& folder, std::string_view id, std::uint64_t number, const fs::path& made) {
  if (is_folder(folder.side(id, number))) {  // a killed process left it
    remove_side(folder, id, number);
  }
  ::unlink((made / kLockFile).c_str());
  sync_file(made / kDataFile);
  sync_folder(made);
  move_entry(made, folder.side(id, number));
}

void remove_side(const StoreFolder& folder, std::string_view id, std::uint64_t number) {
  const fs::path doomed = folder.doomed();
  move_entry(folder.side(id, number), doomed);
  destroy(doomed);
}

void destroy(const fs::path& doomed) noexcept {
  try {
    for (const auto& entry : fs::recursive_directory_iterator(doomed)) {
      if (entry.path().filename() == kWrapFile) {
        overwrite_file(entry.path());
      }
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it is removed as far as that goes
  }
  remove_tree(doomed);
}

bool has_stray_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides) {
  for (const std::uint64_t number : side_numbers(folder.collection(id))) {
    if (!counts(sides, number)) {
      return true;
    }
  }
  return false;
}

void sweep_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides) {
  for (const std::uint64_t number : side_numbers(folder.collection(id))) {
    if (!counts(sides, number)) {
      remove_side(folder, id, number);
    }
  }
}

}  // namespace facesearch::storage
