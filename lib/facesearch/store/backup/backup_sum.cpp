// SPDX-License-Identifier: MIT
#include "facesearch/store/backup/backup_sum.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace facesearch::storage {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::uint8_t kInner = 0x36;
constexpr std::uint8_t kOuter = 0x5c;

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BackupSum::BackupSum(std::optional<Secret> key) : key_(std::move(key)) {
  if (key_) add_key(sum_, kInner);
}

void BackupSum::add_key(RunningSha256& sum, std::uint8_t pad) const {
  std::string block(kBlock, static_cast<char>(pad));
  const CleanseAtEnd wiped(block);
  for (std::size_t i = 0; i < Secret::kSize; ++i) {
    block[i] = static_cast<char>(key_->bytes()[i] ^ pad);
  }
  sum.add(block);
}

void BackupSum::add(Bytes bytes) {
  sum_.add(text_of(bytes));
}

Sha256 BackupSum::value() const {
  const Sha256 inner = sum_.value();
  if (!key_) return inner;
  RunningSha256 outer;
  add_key(outer, kOuter);
  outer.add(text_of(inner));
  return outer.value();
}

}  // namespace facesearch::storage
