// SPDX-License-Identifier: MIT
#include "facesearch/service/access/keys.hpp"

#include <set>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "service/hooked_store.hpp"
#include "service/world.hpp"
#include "support/memory_store.hpp"

namespace facesearch::test {

using service::create_key;
using service::kAnyScope;

namespace {
constexpr Timestamp kKeysNow = 1'800'000'000'000;
}

TEST_CASE("a passphrase goes from a master key by intention only", "[keys]") {
  struct Recorder : HookedStore, private Upkeep {
    using HookedStore::HookedStore;
    Upkeep& upkeep() override { return *this; }
    CheckReport check(std::string_view) override { return {}; }
    RepairReport repair(std::string_view, const std::string&, bool) override { return {}; }
    RewriteReport rewrite(std::string_view, std::span<const Uuid>, std::span<const Decision>) override {
      return {};
    }
    void rotate_master(const std::optional<std::string>& new_passphrase) override { seen = new_passphrase; }
    std::optional<std::string> seen = "not called";
  };
  Recorder store(make_memory_store());
  service::rotate_master(store, {});
  CHECK_FALSE(store.seen);
  service::rotate_master(store, {.to = "correct horse"});
  CHECK(store.seen == "correct horse");
  service::rotate_master(store, {.to = std::nullopt, .none = true});
  CHECK(store.seen == "");
  store.seen = "not called";
  try {
    service::rotate_master(store, {.to = ""});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.cause() == Cause::kInvalidValue);
    CHECK(error.reason() == "PASSPHRASE_EMPTY");
  }
  CHECK(store.seen == "not called");
}

TEST_CASE("a new key is 256 random bits, and the store keeps their digest alone", "[keys]") {
  const auto store = make_memory_store();
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    const auto made = create_key(*store, "label", kAnyScope, {}, std::nullopt, kKeysNow);
    CHECK(made.key.size() == 4 + 64);
    CHECK(made.key.substr(0, 4) == "fsk_");
    CHECK(made.key.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
    CHECK(made.record.digest == sha256(made.key));
    CHECK(seen.insert(made.key).second);
  }
  const auto keys = store->api_keys().list();
  REQUIRE(keys.size() == 20);
  CHECK(seen.contains("fsk_" + hex(keys[0].digest)) == false);
  CHECK(keys[3].label == "label");
  CHECK(keys[3].created == kKeysNow);
  CHECK_FALSE(keys[3].revoked);
}

TEST_CASE("what a key cannot be is refused before it is stored", "[keys]") {
  const auto store = make_memory_store();
  const auto refused = [&](std::string label, std::uint8_t scopes, std::vector<std::string> collections,
                           std::optional<Timestamp> expires, const char* reason) {
    const Fault fault = fault_of(
        [&] { create_key(*store, std::move(label), scopes, std::move(collections), expires, kKeysNow); });
    INFO(fault);
    CHECK(fault.is(Cause::kInvalidValue, reason));
  };
  refused(std::string(129, 'a'), 1, {}, {}, "LABEL_INVALID");
  refused("two\nlines", 1, {}, {}, "LABEL_INVALID");
  refused(std::string("a\0b", 3), 1, {}, {}, "LABEL_INVALID");
  refused("\x1B[2J", 1, {}, {}, "LABEL_INVALID");
  refused("del\x7F", 1, {}, {}, "LABEL_INVALID");
  refused("csi\xC2\x9B", 1, {}, {}, "LABEL_INVALID");
  refused("a", 0, {}, {}, "SCOPE_REQUIRED");
  refused("a", 16, {}, {}, "SCOPE_REQUIRED");
  refused("a", 17, {}, {}, "SCOPE_REQUIRED");
  refused("a", 1, {"fine", "../x"}, {}, "COLLECTION_ID_INVALID");
  refused("a", 1, {""}, {}, "COLLECTION_ID_INVALID");
  refused("a", 1, {}, kKeysNow, "EXPIRY_IN_THE_PAST");
  refused("a", 1, {}, kKeysNow - 1, "EXPIRY_IN_THE_PAST");
  CHECK(store->api_keys().list().empty());

  CHECK_NOTHROW(create_key(*store, std::string(128, 'a'), 1, {"fine"}, kKeysNow + 1, kKeysNow));
  CHECK_NOTHROW(create_key(*store, "Torhaus Süd \xC2\xA0", 1, {}, {}, kKeysNow));
  CHECK_NOTHROW(create_key(*store, "", 1, {}, {}, kKeysNow));
}

TEST_CASE("a key is revoked by its id, and the first time stays", "[keys]") {
  const auto store = make_memory_store();
  const auto made = create_key(*store, "a", 1, {}, {}, kKeysNow);
  service::revoke_key(*store, made.record.id.text(), kKeysNow + 1);
  service::revoke_key(*store, made.record.id.text(), kKeysNow + 2);
  CHECK(store->api_keys().list().at(0).revoked == kKeysNow + 1);
  for (const std::string& wrong : {std::string("nonsense"), std::string(), Uuid::make().text(), made.key}) {
    const Fault fault = fault_of([&] { service::revoke_key(*store, wrong, kKeysNow); });
    CHECK(fault.is(Cause::kInvalidValue, "KEY_NOT_FOUND"));
    if (!wrong.empty()) CHECK_FALSE(fault.says(wrong));
  }
}

}  // namespace facesearch::test
