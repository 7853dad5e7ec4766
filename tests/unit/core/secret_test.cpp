// SPDX-License-Identifier: MIT
#include "facesearch/core/secret.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace facesearch;

TEST_CASE("equal bytes are equal, and a difference anywhere is seen", "[secret]") {
  std::vector<std::uint8_t> a(32);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::uint8_t>(i);
  CHECK(equal_in_constant_time(a, a));
  CHECK(equal_in_constant_time({}, {}));
  for (std::size_t bit = 0; bit < 8 * a.size(); ++bit) {
    std::vector<std::uint8_t> b = a;
    b[bit / 8] = static_cast<std::uint8_t>(b[bit / 8] ^ (1U << bit % 8));
    CHECK_FALSE(equal_in_constant_time(a, b));
  }
  CHECK_FALSE(equal_in_constant_time(a, std::span(a).first(31)));
  CHECK_FALSE(equal_in_constant_time(std::span(a).first(0), a));
}

TEST_CASE("a secret is overwritten where it is moved from and where it ends", "[secret]") {
  const std::array<std::uint8_t, Secret::kSize> zeros{};
  Secret first = Secret::random();
  const Secret copy = first.copy();
  CHECK_FALSE(std::ranges::equal(copy.bytes(), zeros));
  Secret second = std::move(first);
  CHECK(second == copy);
  CHECK(std::ranges::equal(first.bytes(), zeros));  // NOLINT(bugprone-use-after-move): that is what is asked
  alignas(Secret) std::array<std::uint8_t, sizeof(Secret)> place{};
  auto* const held = std::construct_at(reinterpret_cast<Secret*>(place.data()), copy.bytes());
  CHECK(std::ranges::equal(place, copy.bytes()));
  std::destroy_at(held);
  CHECK(std::ranges::equal(place, zeros));
}

TEST_CASE("a text is overwritten at the end of its scope", "[secret]") {
  std::string text("fsk_0123456789abcdef0123456789abcdef");
  { const CleanseAtEnd wiped(text); }
  CHECK(text == std::string(text.size(), '\0'));
}
