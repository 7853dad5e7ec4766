// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "facesearch/store/format/aligned_bytes.hpp"

/// The pages of a data file of LMDB 0.9 (data version 1) on a 64-bit little-endian machine, read and
/// not mapped. Trusts no value it reads, and reads nothing beyond the bytes that it is given.
namespace facesearch::storage {

inline constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
inline constexpr std::uint64_t kMetaPages = 2;
inline constexpr std::size_t kPageHeader = 16;
/// How much of a file's first two pages is in use.
inline constexpr std::size_t kMetaBytes = kPageHeader + 136;
inline constexpr std::uint64_t kSmallestPage = 512;
inline constexpr std::uint64_t kLargestPage = 65'536;

/// A meta page: one of the first two pages.
struct DataMeta {
  std::uint64_t page_size = 0;
  std::uint64_t free_root = kNoPage;
  std::uint64_t main_root = kNoPage;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};

/// None if the bytes (kMetaBytes) are no valid meta page.
std::optional<DataMeta> read_meta(Bytes page);

enum class PageKind : std::uint8_t { kOther, kBranch, kLeaf, kOverflow };

PageKind kind_of_page(Bytes page);

/// The page's own number, as it says.
std::uint64_t page_number(Bytes page);

/// The number of pages of a long value, as its first page says.
std::uint64_t overflow_pages(Bytes page);

/// What an entry of a page leads to.
struct PageEntry {
  enum class Kind : std::uint8_t {
    kPage,      ///< of a branch: a page below it
    kTable,     ///< a named table: its root
    kOverflow,  ///< a value on pages of its own: the first of them
    kValue,     ///< a value that lies in the page
  };
  Kind kind = Kind::kValue;
  std::uint64_t target = kNoPage;  ///< the page; none for kValue
  std::size_t size = 0;            ///< of a value, as the entry says
  Bytes key;
  Bytes value;  ///< of kValue: where it lies, as much of it as the page holds
};

struct PageEntries {
  std::vector<PageEntry> all;
  bool sound = true;  ///< false: one lies outside the page, and was left out
};

/// The entries of a page, read as those of a branch or of a leaf, whatever the page says it is. Borrows it.
PageEntries entries_of_page(Bytes page, PageKind as);

}  // namespace facesearch::storage
