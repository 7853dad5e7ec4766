// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/master_keys.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <span>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/json_reader.hpp"
#include "facesearch/store/crypto/wrapped_key.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::size_t kMasterIdBytes = 8;
constexpr const char* kPlaceFile = "place";  // among the marks, which are named by digests
constexpr std::string_view kIdInfo = "facesearch master key id";
constexpr std::string_view kPassphraseInfo = "facesearch master key under a passphrase";

constexpr std::uint64_t kWrapFormat = 2;
constexpr std::string_view kWrapInfo = "facesearch data key under a master key";

struct Wrap {
  std::string master;
  WrappedKey key;
};

[[noreturn]] void refuse_wrap(const std::string& why) {
  throw Error(Cause::kStoreDamaged, "KEY_FILE_INVALID",
              fmt::format("a key file of the store is damaged: {}; restore it from a backup", why));
}

Wrap parse_wrap(std::string_view text) {
  const JsonDocument document(text, {.refuse = refuse_wrap});
  const JsonValue json = document.root();
  if (json["format"].integer(0, UINT64_MAX) != kWrapFormat) refuse_wrap("its format is not known");
  std::array<std::uint8_t, kMasterIdBytes> id{};
  json["master"].bytes(id);
  return {hex(id), read_wrapped_key(json)};
}

[[noreturn]] void refuse(const char* reason, std::string detail) {
  throw Error(Cause::kMasterKey, reason, std::move(detail));
}

std::vector<std::uint8_t> passphrase_context(const Uuid& store, std::string_view id) {
  std::vector<std::uint8_t> bytes(store.bytes.begin(), store.bytes.end());
  bytes.insert(bytes.end(), id.begin(), id.end());
  return bytes;
}

MasterKeys::Named new_key() {
  Secret key = Secret::random();
  return {master_key_id(key), std::move(key)};
}

// Runs `use` with the passphrase of the place, or none, and overwrites it afterwards.
template <class Use>
auto with_passphrase(const MasterKeyPlace& place, Use&& use) {
  std::optional<std::string> given = place.passphrase ? place.passphrase() : std::nullopt;
  const CleanseAtEnd wiped(given);
  return use(given);
}

}  // namespace

std::string master_key_id(const Secret& key) {
  return hex(derive_key(key, {}, kIdInfo).bytes().first<kMasterIdBytes>());
}

MasterKeys::MasterKeys(std::optional<MasterKeyPlace> place, const Uuid& store, const ScryptCost& cost)
    : place_(std::move(place)), store_(store), cost_(cost) {}

fs::path MasterKeys::file() const {
  if (!place_)
    refuse("NO_MASTER_KEY", "no file was named for the store's master key; name it with --master-key-file");
  return place_->file(store_);
}

fs::path MasterKeys::marks_folder() const {
  fs::path folder = file();
  folder += ".marks";
  return folder;
}

// Two lines: the key's own place, which tells a copy from the original, and the store's.
fs::path MasterKeys::place() const {
  const fs::path noted = marks_folder() / kPlaceFile;
  if (!is_file(noted) || !is_file(file())) return {};
  const std::string text = read_file(noted, kMaxFile);
  const std::string key = fs::canonical(file()).string() + '\n';
  if (!text.starts_with(key) || text.size() <= key.size()) return {};
  return text.substr(key.size(), text.size() - key.size() - 1);
}

void MasterKeys::note_place(const fs::path& store) const noexcept {
  try {
    const fs::path root = fs::canonical(store);
    if (place() == root) return;
    replace_file(marks_folder() / kPlaceFile, fs::canonical(file()).string() + '\n' + root.string() + '\n');
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

bool MasterKeys::is_there() const {
  return place_ && is_file(file());
}

void MasterKeys::make() {
  const fs::path path = file();
  const Named first = new_key();
  const auto passphrase = with_passphrase(*place_, [&](const std::optional<std::string>& given) {
    return given ? std::optional(stretch(*given, cost_)) : std::nullopt;
  });
  std::string text = text_of({&first}, passphrase ? &*passphrase : nullptr);
  const CleanseAtEnd wiped(text);
  make_secret_file(path, text);
}

const MasterKeys::Named& MasterKeys::present() {
  const std::scoped_lock alone(mutex_);
  refresh();
  return *in_file_.front();
}

const Secret& MasterKeys::find(std::string_view id) {
  const std::scoped_lock alone(mutex_);
  const auto wanted = [id](const Named& key) { return key.id == id; };
  auto found = std::ranges::find_if(known_, wanted);
  if (found == known_.end()) {
    refresh();
    found = std::ranges::find_if(known_, wanted);
  }
  if (found == known_.end()) {
    refuse("MASTER_KEY_WRONG",
           fmt::format("{} does not hold the master key that this was wrapped with; restore the file from a "
                       "backup as old as the store",
                       file().string()));
  }
  return found->key;
}

void MasterKeys::begin_rotation(const std::optional<std::string>& new_passphrase) {
  const std::scoped_lock alone(mutex_);
  refresh();
  const PassphraseKey* passphrase = passphrase_ ? &*passphrase_ : nullptr;
  std::optional<PassphraseKey> changed;
  if (new_passphrase) {
    if (!new_passphrase->empty()) changed = stretch(*new_passphrase, cost_);
    passphrase = changed ? &*changed : nullptr;
  }
  Keys keys = in_file_;
  std::optional<Named> next;
  if (keys.size() == 1) keys.insert(keys.begin(), &next.emplace(new_key()));
  if (!next && !new_passphrase) return;
  std::exception_ptr not_durable;
  try {
    replace(keys, passphrase);
  } catch (const NotDurable&) {  // the file is the new one all the same
    not_durable = std::current_exception();
  }
  if (changed) passphrase_ = std::move(changed);
  refresh();  // use what was read back, not what was written
  if (not_durable) std::rethrow_exception(not_durable);
}

void MasterKeys::end_rotation() {
  const std::scoped_lock alone(mutex_);
  refresh();
  if (in_file_.size() == 1) return;
  replace({in_file_.front()}, passphrase_ ? &*passphrase_ : nullptr);
  refresh();
}

// Reads the file unless it is unchanged.
void MasterKeys::refresh() {
  const fs::path path = file();
  if (stamp_ && stamp_of(path) == stamp_) return;
  std::optional<SecretFile> read = read_secret_file(path, kMaxFile);
  if (!read) {
    refuse("NO_MASTER_KEY",
           fmt::format("there is no master key in {}; restore that file from its backup, or name another one "
                       "with --master-key-file",
                       path.string()));
  }
  const CleanseAtEnd wiped(read->text);
  MasterKeyFile content = read_master_key_file(read->text, path);
  if (content.store != store_) {
    refuse("MASTER_KEY_OF_OTHER_STORE", fmt::format("{} belongs to the store {}, this is the store {}",
                                                    path.string(), content.store.text(), store_.text()));
  }
  std::optional<PassphraseKey> passphrase = opener(content.stretching, path);
  Keys keys;
  for (StoredMasterKey& stored : content.keys) {
    keys.push_back(&keep(std::move(stored), passphrase ? &*passphrase : nullptr, path));
  }
  in_file_ = std::move(keys);
  passphrase_ = std::move(passphrase);
  stamp_ = read->stamp;
}

// The key that opens the file. Stretching is slow on purpose, so a key of the same salt and cost is reused.
std::optional<PassphraseKey> MasterKeys::opener(const std::optional<Stretching>& stretching,
                                                const fs::path& path) const {
  if (!stretching) return std::nullopt;
  if (passphrase_ && passphrase_->stretching == *stretching) {
    return PassphraseKey{*stretching, passphrase_->key.copy()};
  }
  return with_passphrase(*place_, [&](const std::optional<std::string>& given) {
    if (!given) {
      refuse("PASSPHRASE_REQUIRED",
             fmt::format("{} is wrapped by a passphrase; give it with --passphrase-file", path.string()));
    }
    return std::optional(stretch(*given, *stretching));
  });
}

const MasterKeys::Named& MasterKeys::keep(StoredMasterKey stored, const PassphraseKey* passphrase,
                                          const fs::path& path) {
  std::optional<Secret> key;
  if (const auto* wrapped = std::get_if<WrappedKey>(&stored.key)) {
    key = unwrap_key(*wrapped, passphrase->key, kPassphraseInfo, passphrase_context(store_, stored.id));
    if (!key) {
      refuse("PASSPHRASE_WRONG",
             fmt::format("the passphrase does not open {}, or the file is damaged", path.string()));
    }
  } else {
    key = std::move(std::get<Secret>(stored.key));
  }
  if (master_key_id(*key) != stored.id) {
    refuse("MASTER_KEY_INVALID",
           fmt::format("a key in {} is damaged; restore the file from its backup", path.string()));
  }
  const auto found = std::ranges::find(known_, stored.id, &Named::id);
  return found != known_.end() ? *found : known_.emplace_back(Named{stored.id, std::move(*key)});
}

std::string MasterKeys::text_of(const Keys& keys, const PassphraseKey* passphrase) const {
  MasterKeyFile content;
  content.store = store_;
  if (passphrase != nullptr) content.stretching = passphrase->stretching;
  for (const Named* key : keys) {
    StoredMasterKey stored{key->id, key->key.copy()};
    if (passphrase != nullptr) {
      stored.key = wrap_key(key->key, passphrase->key, kPassphraseInfo, passphrase_context(store_, key->id));
    }
    content.keys.push_back(std::move(stored));
  }
  return write_master_key_file(content);
}

void MasterKeys::replace(const Keys& keys, const PassphraseKey* passphrase) {
  std::string text = text_of(keys, passphrase);
  const CleanseAtEnd wiped(text);
  replace_secret_file(file(), text);
}

std::string write_wrap(const Secret& data_key, const MasterKeys::Named& master,
                       std::span<const std::uint8_t> associated) {
  return fmt::format(R"({{"format":{},"master":"{}",{}}})", kWrapFormat, master.id,
                     json_members(wrap_key(data_key, master.key, kWrapInfo, associated))) +
         '\n';
}

Secret read_wrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated) {
  const Wrap wrap = parse_wrap(text);
  auto data_key = unwrap_key(wrap.key, masters.find(wrap.master), kWrapInfo, associated);
  if (!data_key) refuse_wrap("it is not authentic");
  return std::move(*data_key);
}

std::string rewrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated) {
  const Secret data_key = read_wrap(text, masters, associated);
  const MasterKeys::Named& present = masters.present();
  if (parse_wrap(text).master == present.id) return std::string(text);
  return write_wrap(data_key, present, associated);
}

}  // namespace facesearch::storage
