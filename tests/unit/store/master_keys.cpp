// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/master_keys.hpp"

#include <sys/fsuid.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/file.hpp"
#include "store/master_key_fixtures.hpp"
#include "support/fail_folder_sync.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;
namespace fs = std::filesystem;

TEST_CASE("a master key is made once, for its owner alone, whatever the umask", "[keys]") {
  KeyPlace place;
  MasterKeys keys = place.keys();
  CHECK_FALSE(keys.is_there());
  const mode_t mask = GENERATE(mode_t{0}, mode_t{0777}, mode_t{0022});
  const mode_t before = ::umask(mask);
  keys.make();
  ::umask(before);
  CHECK(keys.is_there());
  CHECK(rights_of(place.file()) == 0600);
  CHECK(rights_of(place.file().parent_path()) == 0700);
  CHECK(rights_of(place.file().parent_path().parent_path()) == 0700);
  CHECK(keys.file() == place.file());
  CHECK(keys.marks_folder() == place.folder.path() / "configuration" / "master-keys" / "key.marks");

  const std::string text = place.text();
  const Error error = error_of([&] { keys.make(); });
  CHECK(error.cause() == Cause::kInvalidValue);
  CHECK(error.reason() == "FILE_EXISTS");
  CHECK(place.text() == text);
}

TEST_CASE("every reader of a master key file has the same keys", "[keys]") {
  KeyPlace place;
  if (GENERATE(false, true)) place.passphrase = "correct horse";
  place.keys().make();
  MasterKeys one = place.keys();
  MasterKeys other = place.keys();
  const auto& present = one.present();
  CHECK(present.key == other.present().key);
  CHECK(present.id == other.present().id);
  CHECK(present.id == master_key_id(present.key));
  CHECK(present.id.size() == 16);
  CHECK(&one.find(present.id) == &present.key);
  CHECK(place.text().find(hex(present.key.bytes())) ==
        (place.passphrase ? std::string::npos : place.text().find("\"key\":\"") + 7));
  CHECK(refusal([&] { one.find("0123456789abcdef"); }) == "MASTER_KEY_WRONG");
}

TEST_CASE("a passphrase is asked for when it is needed, once", "[keys]") {
  KeyPlace place;
  place.keys().make();
  CHECK(place.asked == 1);
  MasterKeys plain = place.keys();
  plain.present();
  CHECK(place.asked == 1);
  plain.begin_rotation("correct horse");
  plain.end_rotation();
  CHECK(place.asked == 1);

  MasterKeys wrapped = place.keys();
  CHECK(refusal([&] { wrapped.present(); }) == "PASSPHRASE_REQUIRED");
  place.passphrase = "battery staple";
  CHECK(refusal([&] { wrapped.present(); }) == "PASSPHRASE_WRONG");
  place.passphrase = "";
  const Error empty = error_of([&] { wrapped.present(); });
  CHECK(empty.cause() == Cause::kInvalidValue);
  CHECK(empty.reason() == "PASSPHRASE_EMPTY");
  place.passphrase = "correct horse";
  place.asked = 0;
  CHECK(wrapped.present().key == plain.present().key);
  wrapped.begin_rotation();
  wrapped.end_rotation();
  wrapped.present();
  CHECK(place.asked == 1);
}

TEST_CASE("no master key is made with an empty passphrase", "[keys]") {
  KeyPlace place;
  place.passphrase = "";
  const Error error = error_of([&] { place.keys().make(); });
  CHECK(error.reason() == "PASSPHRASE_EMPTY");
  CHECK_FALSE(place.keys().is_there());
}

TEST_CASE("a master key that is not there, or not this store's, is told apart", "[keys]") {
  KeyPlace place;
  MasterKeys keys = place.keys();
  CHECK(refusal([&] { keys.present(); }) == "NO_MASTER_KEY");
  CHECK(refusal([&] { keys.find("0123456789abcdef"); }) == "NO_MASTER_KEY");
  CHECK(refusal([&] { keys.begin_rotation(); }) == "NO_MASTER_KEY");
  CHECK_THAT(error_of([&] { keys.present(); }).detail(), Catch::Contains(place.file().string()));
  MasterKeys nowhere(std::nullopt, place.store);
  CHECK_FALSE(nowhere.is_there());
  CHECK(refusal([&] { nowhere.make(); }) == "NO_MASTER_KEY");
  CHECK(refusal([&] { nowhere.present(); }) == "NO_MASTER_KEY");
  CHECK(refusal([&] { (void)nowhere.marks_folder(); }) == "NO_MASTER_KEY");

  keys.make();
  MasterKeys stranger({{[&](const Uuid&) { return place.file(); }, {}}}, Uuid::make(), kCheap);
  CHECK(refusal([&] { stranger.present(); }) == "MASTER_KEY_OF_OTHER_STORE");

  keys.present();
  fs::remove(place.file());
  fs::create_directory(place.file());
  CHECK(refusal([&] { keys.present(); }) == "NO_MASTER_KEY");
  fs::remove(place.file());
  fs::create_symlink(place.file(), place.file());
  CHECK(refusal([&] { keys.present(); }) == "NO_MASTER_KEY");
}

TEST_CASE("a master key that may not be read or made is a matter of permission", "[keys]") {
  KeyPlace place;
  place.keys().make();
  fs::permissions(place.file(), fs::perms::none);
  if (::geteuid() == 0) ::setfsuid(65534);  // root may read all; of this thread alone
  MasterKeys keys = place.keys();
  const Cause read = cause_of([&] { keys.present(); });
  KeyPlace closed;
  if (::geteuid() == 0) ::setfsuid(0);
  fs::permissions(closed.folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  if (::geteuid() == 0) ::setfsuid(65534);
  const Cause made = cause_of([&] { closed.keys().make(); });
  if (::geteuid() == 0) ::setfsuid(0);
  CHECK(read == Cause::kPermissionDenied);
  CHECK(made == Cause::kPermissionDenied);
  CHECK(place.keys().is_there());
}

TEST_CASE("a file that holds no master key is refused with words and without its contents", "[keys]") {
  KeyPlace place;
  place.keys().make();
  const std::string id = place.keys().present().id;
  const std::string key = hex(place.keys().present().key.bytes());
  const std::string store = place.store.text();
  const std::string other = hex(Secret::random().bytes());
  const auto file = [&](const std::string& rest) {
    return fmt::format(R"({{"format":1,"store":"{}",{}}})", store, rest);
  };
  const auto one = [&](const std::string& name, const std::string& value) {
    return file(fmt::format(R"("keys":[{{"id":"{}","key":"{}"}}])", name, value));
  };
  place.put(one(id, key));
  CHECK(place.keys().present().id == id);
  const std::string wrapped =
      fmt::format(R"([{{"id":"{}","nonce":"00","wrapped":"{}","tag":"00"}}])", id, key);
  const std::vector<std::string> wrong{
      "",
      "[]",
      "nonsense",
      std::string(100, '\0'),
      std::string(60'000, '['),
      std::string(100'000, ' ') + one(id, key),
      fmt::format(R"({{"format":2,"store":"{}","keys":[{{"id":"{}","key":"{}"}}]}})", store, id, key),
      fmt::format(R"({{"store":"{}","keys":[{{"id":"{}","key":"{}"}}]}})", store, id, key),
      fmt::format(R"({{"format":1,"store":"x","keys":[{{"id":"{}","key":"{}"}}]}})", id, key),
      fmt::format(R"({{"format":1,"store":1,"keys":[{{"id":"{}","key":"{}"}}]}})", id, key),
      file(R"("keys":[])"),
      file(R"("keys":1)"),
      file(R"("keys":[1])"),
      file(R"("key":[])"),
      one(id, key.substr(1)),
      one(id, key + "0"),
      one(id, ""),
      one(id, key.substr(1) + "g"),
      one(id, other),
      one(id.substr(1), key),
      one("", key),
      one("0123456789abcdef", key),
      file(fmt::format(R"("keys":[{0},{0},{0}])", fmt::format(R"({{"id":"{}","key":"{}"}})", id, key))),
      file(fmt::format(R"("scrypt":1,"keys":{})", wrapped)),
      file(fmt::format(R"("scrypt":{{"log2_n":4,"r":1,"p":1,"salt":"{}"}},"keys":{})", key, wrapped)),
      file(fmt::format(R"("scrypt":{{"log2_n":4,"r":1,"p":1,"salt":"{}"}},"keys":{})", key.substr(32),
                       wrapped)),
      file(fmt::format(R"("scrypt":{{"log2_n":40,"r":8,"p":1,"salt":"{}"}},"keys":{})", key.substr(32),
                       wrapped)),
      file(fmt::format(R"("scrypt":{{"log2_n":0,"r":8,"p":1,"salt":"{}"}},"keys":{})", key.substr(32),
                       wrapped)),
      file(fmt::format(R"("scrypt":{{"log2_n":4,"r":-1,"p":1,"salt":"{}"}},"keys":{})", key.substr(32),
                       wrapped)),
  };
  for (const std::string& text : wrong) {
    place.put(text);
    const Error error = error_of([&] { place.keys().present(); });
    CAPTURE(text.substr(0, 300), error.detail());
    CHECK(error.cause() == Cause::kMasterKey);
    CHECK(error.reason() == "MASTER_KEY_INVALID");
    CHECK_THAT(error.detail(), Catch::Contains(place.file().string()) && !Catch::Contains(key.substr(0, 8)));
  }
}

TEST_CASE("no flipped bit makes a master key file another key", "[keys]") {
  KeyPlace place;
  if (GENERATE(false, true)) place.passphrase = "correct horse";
  place.keys().make();
  place.keys().begin_rotation();  // two keys
  MasterKeys keys = place.keys();
  const std::string present = keys.present().id;
  const std::string text = place.text();
  int accepted = 0;
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    place.put(damaged);
    MasterKeys read = place.keys();
    try {
      const auto& found = read.present();
      ++accepted;
      CHECK(found.id == present);
      CHECK(found.key == keys.find(present));
    } catch (const Error& error) {
      CHECK(error.cause() == Cause::kMasterKey);
    }
  }
  CHECK(accepted < 40);  // the store's id in upper case, white space
}

TEST_CASE("a rotation keeps the former key till its end", "[keys]") {
  KeyPlace place;
  if (GENERATE(false, true)) place.passphrase = "correct horse";
  place.keys().make();
  MasterKeys keys = place.keys();
  MasterKeys elsewhere = place.keys();  // another process that goes on
  const std::string former = elsewhere.present().id;
  const Secret former_key = elsewhere.present().key.copy();

  keys.begin_rotation();
  const std::string present = keys.present().id;
  CHECK(present != former);
  CHECK(keys.find(former) == former_key);
  CHECK(elsewhere.present().id == present);
  CHECK(place.keys().find(former) == former_key);
  CHECK(rights_of(place.file()) == 0600);

  // Interrupted: the next one goes on with the same keys.
  place.keys().begin_rotation();
  CHECK(place.keys().present().id == present);
  CHECK(place.keys().find(former) == former_key);

  keys.end_rotation();
  CHECK(keys.present().id == present);
  CHECK(keys.find(former) == former_key);  // it was read, so it may be in use here
  CHECK(elsewhere.find(former) == former_key);
  CHECK(refusal([&] { place.keys().find(former); }) == "MASTER_KEY_WRONG");
  const std::string text = place.text();
  keys.end_rotation();
  CHECK(place.text() == text);
  CHECK(fs::directory_iterator(place.file().parent_path()) != fs::directory_iterator());
  CHECK(std::distance(fs::directory_iterator(place.file().parent_path()), fs::directory_iterator()) == 1);

  // Every rotation has a key of its own.
  keys.begin_rotation();
  CHECK(keys.present().id != present);
  CHECK(elsewhere.find(keys.present().id) == keys.present().key);
}

TEST_CASE("a rotation sets, changes, keeps and takes off the passphrase", "[keys]") {
  KeyPlace place;
  place.keys().make();
  const auto rotate = [&](const std::optional<std::string>& new_passphrase) {
    MasterKeys keys = place.keys();
    keys.begin_rotation(new_passphrase);
    keys.end_rotation();
    return keys.present().id;
  };
  const auto wrapped = [&] { return place.text().find("scrypt") != std::string::npos; };
  rotate(std::nullopt);
  CHECK_FALSE(wrapped());
  std::string id = rotate("first");
  CHECK(wrapped());
  CHECK(refusal([&] { rotate("second"); }) == "PASSPHRASE_REQUIRED");
  place.passphrase = "first";
  CHECK(place.keys().present().id == id);
  id = rotate("second");
  CHECK(refusal([&] { place.keys().present(); }) == "PASSPHRASE_WRONG");
  place.passphrase = "second";
  CHECK(place.keys().present().id == id);
  rotate(std::nullopt);
  CHECK(wrapped());
  id = rotate("");
  CHECK_FALSE(wrapped());
  place.passphrase.reset();
  CHECK(place.keys().present().id == id);

  // In the middle of a rotation too.
  place.keys().begin_rotation();
  id = place.keys().present().id;
  place.keys().begin_rotation("third");
  CHECK(wrapped());
  place.passphrase = "third";
  CHECK(place.keys().present().id == id);
}

TEST_CASE("a key file that is a link is followed, and stays one", "[keys]") {
  KeyPlace place;
  place.keys().make();
  const fs::path target = place.folder.path() / "target";
  fs::rename(place.file(), target);
  fs::create_symlink(target, place.file());
  MasterKeys keys = place.keys();
  const std::string former = keys.present().id;
  keys.begin_rotation();
  keys.end_rotation();
  CHECK(keys.present().id != former);
  CHECK(fs::is_symlink(place.file()));
  CHECK(rights_of(target) == 0600);
}

TEST_CASE("a rotation that cannot be written leaves the key as it was", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys keys = place.keys();
  const std::string id = keys.present().id;
  const std::string text = place.text();
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit all{};
  ::getrlimit(RLIMIT_FSIZE, &all);
  const rlimit few{16, all.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &few);
  const Error error = error_of([&] { keys.begin_rotation("passphrase"); });
  ::setrlimit(RLIMIT_FSIZE, &all);
  std::signal(SIGXFSZ, before);
  CHECK(error.reason() == "NO_SPACE");
  CHECK(place.text() == text);
  CHECK(keys.present().id == id);
  CHECK(std::distance(fs::directory_iterator(place.file().parent_path()), fs::directory_iterator()) == 1);
  keys.begin_rotation();
  CHECK(keys.present().id != id);
  CHECK(place.text().find("scrypt") == std::string::npos);
}

TEST_CASE("a rotation whose folder cannot be synced has happened, and says so", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys keys = place.keys();
  const std::string former = keys.present().id;
  place.asked = 0;
  {
    const FailFolderSync fail;
    CHECK_THROWS_AS(keys.begin_rotation("correct horse"), NotDurable);
  }
  // The file is under the new passphrase, and this object knows it.
  const std::string present = keys.present().id;
  CHECK(present != former);
  CHECK(place.asked == 0);
  keys.end_rotation();
  CHECK(place.asked == 0);
  place.passphrase = "correct horse";
  CHECK(place.keys().present().id == present);
}

TEST_CASE("a first key whose folder cannot be synced is not there", "[keys]") {
  KeyPlace place;
  fs::create_directories(place.file().parent_path());
  {
    const FailFolderSync fail;
    CHECK(error_of([&] { place.keys().make(); }).reason() == "IO_ERROR");
  }
  CHECK_FALSE(place.keys().is_there());
  place.keys().make();
}

TEST_CASE("master keys are asked for by many threads", "[keys]") {
  KeyPlace place;
  place.passphrase = "correct horse";
  place.keys().make();
  MasterKeys keys = place.keys();
  const std::string first = place.keys().present().id;
  place.asked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        keys.present();
        keys.find(first);
      }
    });
  }
  for (int n = 0; n < 5; ++n) {
    keys.begin_rotation();
    keys.end_rotation();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(place.asked == 1);
}
