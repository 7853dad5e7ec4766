// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/core/uuid.hpp"

/// Reads JSON documents that are checked value by value: the store's records, key files and manifests of
/// packs. Every value knows its path, so that an error names it: "policy.image.max_side must be a whole
/// number from 0 to 65535". Requests have a reader of their own (contract/requests): their members are not
/// checked as they are read, but in the order of the contract, and large pictures are not copied.
namespace facesearch {

class JsonValue;

/// A parsed document.
class JsonDocument {
 public:
  struct Rules {
    /// Throws the caller's Error. `why` is half a sentence, as above.
    std::function<void(const std::string& why)> refuse;
    /// Errors show the value that was found; never set where a document may hold a secret or a name.
    bool shows_values = false;
    /// Strings are overwritten when the document is destroyed.
    bool is_secret = false;
  };

  /// Refuses what is not JSON, is nested deeper than 32, or holds a number that no double can hold.
  JsonDocument(std::string_view text, Rules rules);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  ~JsonDocument();  // NOLINT(bugprone-exception-escape)

  /// Borrows the document, as all values below it do.
  JsonValue root() const;

 private:
  friend class JsonValue;
  struct Tree;

  [[noreturn]] void refuse(const std::string& why) const;

  Rules rules_;
  std::unique_ptr<Tree> tree_;
};

/// A value of a document. Each function refuses a value of another kind or outside its limits.
class JsonValue {
 public:
  /// A member of an object, which must be there.
  JsonValue operator[](const char* name) const;
  bool has(const char* name) const;

  std::string text() const;
  /// A string of `min` to `max` bytes without control characters.
  std::string printable(std::size_t min, std::size_t max) const;
  /// Lower-case hexadecimal digits, two for each byte of `out`.
  void bytes(std::span<std::uint8_t> out) const;
  Uuid uuid() const;
  bool flag() const;
  double number() const;
  double number(double min, double max) const;
  std::uint64_t integer(std::uint64_t min, std::uint64_t max) const;
  /// A time in milliseconds since 1970; may be negative.
  std::int64_t milliseconds() const;
  std::vector<JsonValue> items() const;
  std::vector<JsonValue> items(std::size_t min, std::size_t max) const;

  /// Refuses the value: "<path> must be <wanted>", and where values are shown ", not <value>".
  [[noreturn]] void refuse(std::string_view wanted) const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument& document, const void* node, std::string path)
      : document_(&document), node_(node), path_(std::move(path)) {}

  std::string shown() const;
  std::string path_of(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

  const JsonDocument* document_;
  const void* node_;  // the JSON library's value, which only json_reader.cpp knows
  std::string path_;
};

}  // namespace facesearch
