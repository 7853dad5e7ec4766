// SPDX-License-Identifier: MIT
#include "facesearch/store/guard/data_pages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace facesearch::storage {
namespace {

constexpr std::uint32_t kMagic = 0xBEEF'C0DE;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kTableSize = 48;
constexpr std::size_t kTableRoot = 40;
constexpr std::size_t kNodeHeader = 8;
constexpr std::size_t kFlags = 10;
constexpr std::size_t kLower = 12;
constexpr unsigned kBranchPage = 0x01;
constexpr unsigned kLeafPage = 0x02;
constexpr unsigned kOverflowPage = 0x04;
constexpr unsigned kBigData = 0x01;
constexpr unsigned kSubTable = 0x02;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 47;

template <class T>
T number_at(Bytes bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// The node at an offset with room for its header; none if it does not lie in the page.
std::optional<PageEntry> entry_at(Bytes page, std::size_t node, PageKind as) {
  const std::uint64_t low = number_at<std::uint32_t>(page, node);
  const unsigned flags = number_at<std::uint16_t>(page, node + 4);
  const std::size_t key = node + kNodeHeader;
  const std::size_t key_size = number_at<std::uint16_t>(page, node + 6);
  if (key + key_size > page.size()) {
    return std::nullopt;
  }
  PageEntry entry;
  entry.key = page.subspan(key, key_size);
  const Bytes rest = page.subspan(key + key_size);
  if (as == PageKind::kBranch) {
    entry.kind = PageEntry::Kind::kPage;
    entry.target = low | std::uint64_t{flags} << 32;
    return entry;
  }
  entry.size = low;
  if ((flags & kSubTable) != 0 && rest.size() >= kTableSize) {
    entry.kind = PageEntry::Kind::kTable;
    entry.target = number_at<std::uint64_t>(rest, kTableRoot);
  } else if ((flags & kBigData) != 0) {
    if (rest.size() < sizeof entry.target) {
      return std::nullopt;
    }
    entry.kind = PageEntry::Kind::kOverflow;
    entry.target = number_at<std::uint64_t>(rest, 0);
  } else {
    entry.value = rest.first(std::min(entry.size, rest.size()));
  }
  return entry;
}

}  // namespace

std::optional<DataMeta> read_meta(Bytes page) {
  if (page.size() < kMetaBytes) {
    return std::nullopt;
  }
  const Bytes at = page.subspan(kPageHeader);
  const Bytes free_table = at.subspan(24);
  const Bytes main_table = free_table.subspan(kTableSize);
  DataMeta meta;
  meta.page_size = number_at<std::uint32_t>(free_table, 0);
  meta.free_root = number_at<std::uint64_t>(free_table, kTableRoot);
  meta.main_root = number_at<std::uint64_t>(main_table, kTableRoot);
  meta.last_page = number_at<std::uint64_t>(main_table, kTableSize);
  meta.transaction = number_at<std::uint64_t>(main_table, kTableSize + 8);
  if (number_at<std::uint32_t>(at, 0) != kMagic || number_at<std::uint32_t>(at, 4) != kVersion ||
      meta.page_size < kSmallestPage || meta.page_size > kLargestPage ||
      !std::has_single_bit(meta.page_size) || meta.last_page >= kMostBytes / meta.page_size) {
    return std::nullopt;
  }
  return meta;
}

PageKind kind_of_page(Bytes page) {
  switch (number_at<std::uint16_t>(page, kFlags)) {
    case kBranchPage:
      return PageKind::kBranch;
    case kLeafPage:
      return PageKind::kLeaf;
    case kOverflowPage:
      return PageKind::kOverflow;
    default:
      return PageKind::kOther;
  }
}

std::uint64_t page_number(Bytes page) {
  return number_at<std::uint64_t>(page, 0);
}

std::uint64_t overflow_pages(Bytes page) {
  return number_at<std::uint32_t>(page, kLower);
}

PageEntries entries_of_page(Bytes page, PageKind as) {
  const std::size_t lower = number_at<std::uint16_t>(page, kLower);
  PageEntries entries;
  if (lower < kPageHeader || lower > page.size()) {
    entries.sound = false;
    return entries;
  }
  for (std::size_t index = kPageHeader; index + 2 <= lower; index += 2) {
    const std::size_t node = number_at<std::uint16_t>(page, index);
    std::optional<PageEntry> entry;
    if (node + kNodeHeader <= page.size()) {
      entry = entry_at(page, node, as);
    }
    if (entry) {
      entries.all.push_back(*entry);
    } else {
      entries.sound = false;
    }
  }
  return entries;
}

}  // namespace facesearch::storage
