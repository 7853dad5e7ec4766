// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/master_key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/json_reader.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kKeyFileFormat = 1;
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kMaxKeys = 2;
constexpr std::size_t kMostText = 2048;  // of two keys, wrapped
// Up to 1 GiB: what somebody else chose must not take all memory.
constexpr ScryptCost kHighest{.log2_n = 20, .r = 8, .p = 16};

FileStamp stamp_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size), status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

// A name that leads nowhere: nothing, not below a folder, a ring of links.
bool is_nowhere(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

unsigned cost_of(const JsonValue& value, unsigned highest) {
  return static_cast<unsigned>(value.integer(1, highest));
}

Stretching stretching_of(const JsonValue& object) {
  Stretching read{{cost_of(object["log2_n"], kHighest.log2_n), cost_of(object["r"], kHighest.r),
                   cost_of(object["p"], kHighest.p)},
                  {}};
  object["salt"].bytes(read.salt);
  return read;
}

StoredMasterKey entry_of(const JsonValue& object, bool wrapped) {
  std::array<std::uint8_t, kKeyIdBytes> id{};
  object["id"].bytes(id);
  if (wrapped) return {hex(id), read_wrapped_key(object)};
  std::array<std::uint8_t, Secret::kSize> bytes{};
  object["key"].bytes(bytes);
  StoredMasterKey entry{hex(id), Secret(bytes)};
  cleanse(bytes.data(), bytes.size());
  return entry;
}

}  // namespace

std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return stamp_of(status);
  if (is_nowhere(errno)) return std::nullopt;
  throw_errno(errno, "look at", path);
}

std::optional<SecretFile> read_secret_file(const fs::path& path, std::size_t limit) {
  // A pipe without a writer must not be waited for.
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0 && is_nowhere(errno)) return std::nullopt;
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) throw_errno(errno, "read", path);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  SecretFile read{{}, stamp_of(status)};
  read.text.resize(std::min<std::size_t>(read.stamp.size, limit));
  // One that became shorter meanwhile ends in zeros, which are no valid text.
  (void)read_at(file, path, 0, read.text.data(), read.text.size());
  return read;
}

void make_secret_file(const fs::path& path, std::string_view text) {
  make_private_folders(path.parent_path());
  make_file(path, text);
}

void replace_secret_file(const fs::path& path, std::string_view text) {
  std::error_code failed;
  const fs::path target = fs::canonical(path, failed);
  if (failed) throw_errno(failed.value(), "look at", path);
  replace_file(target, text);
}

// By hand and into a block that never grows: a JSON library would leave copies of the keys on the heap.
// Nothing in it needs escaping.
std::string write_master_key_file(const MasterKeyFile& content) {
  std::string text;
  text.reserve(kMostText);
  const auto add = [&text](std::string_view part) { text.append(part); };
  add(fmt::format(R"({{"format":{},"store":"{}")", kKeyFileFormat, content.store.text()));
  if (const auto& stretching = content.stretching) {
    add(fmt::format(R"(,"scrypt":{{"log2_n":{},"r":{},"p":{},"salt":"{}"}})", stretching->cost.log2_n,
                    stretching->cost.r, stretching->cost.p, hex(stretching->salt)));
  }
  add(R"(,"keys":[)");
  for (const StoredMasterKey& stored : content.keys) {
    add(fmt::format(R"({}{{"id":"{}",)", &stored == content.keys.data() ? "" : ",", stored.id));
    if (const auto* wrapped = std::get_if<WrappedKey>(&stored.key)) {
      add(json_members(*wrapped));
    } else {
      std::string digits = hex(std::get<Secret>(stored.key).bytes());
      const CleanseAtEnd wiped(digits);
      add(R"("key":")");
      add(digits);
      add("\"");
    }
    add("}");
  }
  add("]}\n");
  return text;
}

MasterKeyFile read_master_key_file(std::string_view text, const fs::path& file) {
  const auto refuse = [&file](const std::string& why) {
    throw Error(Cause::kMasterKey, "MASTER_KEY_INVALID",
                fmt::format("{} is not a master key file that this program can read: {}; restore it from its "
                            "backup",
                            file.string(), why));
  };
  const JsonDocument document(text, {.refuse = refuse, .is_secret = true});
  const JsonValue json = document.root();
  if (json["format"].integer(0, UINT64_MAX) != kKeyFileFormat) refuse("its format is of a later version");
  MasterKeyFile content;
  content.store = json["store"].uuid();
  if (json.has("scrypt")) content.stretching = stretching_of(json["scrypt"]);
  for (const JsonValue& key : json["keys"].items(1, kMaxKeys)) {
    content.keys.push_back(entry_of(key, content.stretching.has_value()));
  }
  return content;
}

}  // namespace facesearch::storage
