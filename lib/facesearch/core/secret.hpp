// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// Keys, passphrases and API keys in memory: overwritten after use, compared in constant time.
namespace facesearch {

/// Overwrites bytes; the compiler never optimises this away.
void cleanse(void* bytes, std::size_t size) noexcept;

/// Compares without a branch on the contents, so the time taken says nothing about where they differ. False
/// at once if the sizes differ: a size is no secret.
bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

/// Overwrites a string that holds a secret when the scope ends. Copies that a growing string left on the heap
/// are out of its reach: reserve() first.
class CleanseAtEnd {
 public:
  explicit CleanseAtEnd(std::string& text) noexcept : text_(&text) {}
  explicit CleanseAtEnd(std::optional<std::string>& text) noexcept : text_(text ? &*text : nullptr) {}
  CleanseAtEnd(const CleanseAtEnd&) = delete;
  CleanseAtEnd& operator=(const CleanseAtEnd&) = delete;
  ~CleanseAtEnd() {
    if (text_ != nullptr) cleanse(text_->data(), text_->size());
  }

 private:
  std::string* text_;
};

/// A key of 32 bytes. Overwritten when the object is destroyed or moved from, and copied only by copy().
class Secret {
 public:
  static constexpr std::size_t kSize = 32;

  explicit Secret(std::span<const std::uint8_t, kSize> bytes) noexcept;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { cleanse(bytes_.data(), bytes_.size()); }

  /// A new key from OpenSSL's generator for private values. Throws Error(kInternal).
  static Secret random();

  Secret copy() const noexcept { return Secret(bytes()); }

  std::span<const std::uint8_t, kSize> bytes() const noexcept { return bytes_; }

  /// In constant time.
  bool operator==(const Secret& other) const noexcept { return equal_in_constant_time(bytes_, other.bytes_); }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace facesearch
