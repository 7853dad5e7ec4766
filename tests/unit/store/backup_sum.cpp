// SPDX-License-Identifier: MIT
// The sum over a backup, and parts that change after it.
#include <openssl/hmac.h>

#include "facesearch/store/backup/backup_file.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "store/backup_fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSumSize = 32;

}  // namespace

TEST_CASE("the sum at a backup's end is HMAC-SHA256 under the master key", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), true, 6);  // the sixth face has long notes
  const fs::path file = folder.path() / "backup";
  back_up(*open_store_in(folder.store()), file);
  const std::string bytes = contents(file);
  const Uuid id = open_store_in(folder.store())->id();
  storage::MasterKeys keys(options_of(folder.store()).master_key, id);
  // RFC 5869 by hand: no salt, so extracting is an HMAC under nothing.
  const Secret key = storage::derive_key(keys.present().key, {}, "facesearch backup");
  Sha256 sum{};
  REQUIRE(HMAC(EVP_sha256(), key.bytes().data(), 32, reinterpret_cast<const unsigned char*>(bytes.data()),
               bytes.size() - kSumSize, sum.data(), nullptr) != nullptr);
  CHECK(hex(sum) ==
        hex({reinterpret_cast<const std::uint8_t*>(bytes.data()) + bytes.size() - kSumSize, kSumSize}));
  CHECK(bytes.substr(0, 16) == std::string("fsbackup\x01\0\0\0\0\0\0\0", 16));
  CHECK(std::equal(id.bytes.begin(), id.bytes.end(), bytes.begin() + 16,
                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }));
  CHECK(keys.present().id == hex({reinterpret_cast<const std::uint8_t*>(bytes.data()) + 40, 8}));
  // Nothing of a face is in it. A short name may be found in random bytes by chance.
  CHECK(bytes.find(std::string(16, 'x')) == std::string::npos);
}

TEST_CASE("a part of a backup that changes after it was summed up is not used", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), false, 3);
  const fs::path path = folder.path() / "backup";
  back_up(*open_store_in(folder.store()), path);
  storage::MasterKeys keys(options_of(folder.store()).master_key, open_store_in(folder.store())->id());
  const storage::BackupFile file(path);
  const storage::BackupContents contents = storage::read_backup(
      file, [&](const storage::BackupHeader&) { return storage::backup_key(keys.present().key); }, {});
  REQUIRE(contents.collections.size() == 2);
  const storage::BackupPart& part = contents.collections[0].pieces[0].part;
  std::vector<std::uint8_t> bytes;
  storage::read_part(file, part, bytes);
  {
    std::fstream changed(path, std::ios::in | std::ios::out | std::ios::binary);
    changed.seekp(static_cast<std::streamoff>(part.offset + 60));
    changed.put('\x55');
  }
  CHECK(error_of([&] { storage::read_part(file, part, bytes); }).reason() == "BACKUP_DAMAGED");
  fs::resize_file(path, part.offset);
  CHECK(error_of([&] { storage::read_part(file, part, bytes); }).reason() == "BACKUP_DAMAGED");
}
