// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cctype>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/access/keys.hpp"
#include "service/world.hpp"
#include "support/memory_store.hpp"

namespace facesearch::test {

using service::authenticate;
using service::kAnyScope;
using service::scope_bit;

namespace {

constexpr Timestamp kNow = 1'800'000'000'000;

service::NewKey key_with(Store& store, std::uint8_t scopes, std::vector<std::string> collections = {},
                         std::optional<Timestamp> expires = {}) {
  return service::create_key(store, "test", scopes, std::move(collections), expires, kNow);
}

}  // namespace

TEST_CASE("without a key, or with an empty one, a key is required", "[access]") {
  const auto store = make_memory_store();
  for (const std::optional<std::string>& key :
       {std::optional<std::string>(), std::optional<std::string>("")}) {
    const Fault fault = fault_of([&] { authenticate(*store, key, kAnyScope, kNow); });
    CHECK(fault.is(Cause::kApiKeyRequired, ""));
  }
}

TEST_CASE("a key is known by its whole text only", "[access]") {
  const auto store = make_memory_store();
  const auto first = key_with(*store, scope_bit(Scope::kSearch));
  const auto second = key_with(*store, scope_bit(Scope::kEnroll), {"b", "a", "b"});
  const auto caller = authenticate(*store, second.key, kAnyScope, kNow);
  CHECK(caller.scopes == scope_bit(Scope::kEnroll));
  CHECK(caller.collections == std::vector<std::string>{"a", "b"});
  CHECK(authenticate(*store, first.key, kAnyScope, kNow).collections.empty());

  std::string upper = first.key;
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  const std::string digest_as_key = hex(first.record.digest);
  for (const std::string& wrong : {first.key + " ", first.key.substr(1), upper, digest_as_key,
                                   std::string("x"), std::string(1 << 20, 'f')}) {
    const Fault fault = fault_of([&] { authenticate(*store, wrong, kAnyScope, kNow); });
    CHECK(fault.is(Cause::kAccessDenied, "KEY_UNKNOWN"));
    CHECK_FALSE(fault.says(wrong));
  }
}

TEST_CASE("a key that was revoked or has expired is refused", "[access]") {
  const auto store = make_memory_store();
  const auto revoked = key_with(*store, kAnyScope);
  service::revoke_key(*store, revoked.record.id.text(), kNow);
  CHECK(fault_of([&] {
          authenticate(*store, revoked.key, kAnyScope, kNow);
        }).is(Cause::kAccessDenied, "KEY_REVOKED"));

  const auto brief = key_with(*store, kAnyScope, {}, kNow + 1000);
  CHECK_NOTHROW(authenticate(*store, brief.key, kAnyScope, kNow + 999));
  for (const Timestamp late : {kNow + 1000, kNow + 1001}) {
    CHECK(fault_of([&] {
            authenticate(*store, brief.key, kAnyScope, late);
          }).is(Cause::kAccessDenied, "KEY_EXPIRED"));
  }
}

TEST_CASE("a key needs one of the call's scopes; admin has all", "[access]") {
  const auto store = make_memory_store();
  const auto search_or_delete =
      static_cast<std::uint8_t>(scope_bit(Scope::kSearch) | scope_bit(Scope::kDelete));
  for (std::uint8_t scopes = 1; scopes <= kAnyScope; ++scopes) {
    const auto key = key_with(*store, scopes);
    for (std::uint8_t any_of = 1; any_of <= kAnyScope; ++any_of) {
      const bool allowed = (scopes & any_of) != 0 || (scopes & scope_bit(Scope::kAdmin)) != 0;
      const Fault fault = fault_of([&] { authenticate(*store, key.key, any_of, kNow); });
      CHECK(fault.thrown != allowed);
      if (!allowed) CHECK(fault.is(Cause::kAccessDenied, "SCOPE_MISSING"));
    }
  }
  const auto enroll_only = key_with(*store, scope_bit(Scope::kEnroll));
  CHECK(fault_of([&] {
          authenticate(*store, enroll_only.key, search_or_delete, kNow);
        }).is(Cause::kAccessDenied, "SCOPE_MISSING"));
}

TEST_CASE("of several faults of a key the first in order is told", "[access]") {
  const auto store = make_memory_store();
  const auto key = key_with(*store, scope_bit(Scope::kEnroll), {}, kNow + 1);
  const auto asked = [&] { authenticate(*store, key.key, scope_bit(Scope::kDelete), kNow + 5); };
  CHECK(fault_of(asked).is(Cause::kAccessDenied, "KEY_EXPIRED"));
  service::revoke_key(*store, key.record.id.text(), kNow);
  CHECK(fault_of(asked).is(Cause::kAccessDenied, "KEY_REVOKED"));
}

TEST_CASE("a key's list of collections is a list of exact ids", "[access]") {
  const service::Caller all{kAnyScope, {}};
  const service::Caller some{kAnyScope, {"a", "b"}};
  CHECK_NOTHROW(service::require_collection(all, "anything"));
  CHECK_NOTHROW(service::require_collection(some, "b"));
  for (const char* other : {"", "A", "ab", "a.b", "c"}) {
    CHECK(fault_of([&] {
            service::require_collection(some, other);
          }).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  }
}

}  // namespace facesearch::test
