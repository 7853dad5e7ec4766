// SPDX-License-Identifier: MIT
// 1. Read both meta pages; the newer one says how many pages there are and where the trees begin.
// 2. If the file is shorter: walk the trees of free and of used pages, and count. Used pages must all be
// there.
// 3. If only free pages are missing, extend the file.
#include "facesearch/store/guard/data_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/guard/data_pages.hpp"

namespace facesearch::storage {
namespace {

constexpr int kMaxDepth = 64;

[[noreturn]] void damaged(const char* reason, const std::filesystem::path& path, const std::string& what) {
  throw Error(Cause::kStoreDamaged, reason, fmt::format("{} {}; {}", path.string(), what, kDamageAdvice));
}

class DataFile {
 public:
  explicit DataFile(const std::filesystem::path& path) : path_(path), file_(open_existing_file(path)) {
    if (file_.get() < 0) {
      damaged("DATA_MISSING", path_, "is missing");
    }
    meta_ = meta_at(0);
    const DataMeta second = meta_at(meta_.page_size);
    if (second.page_size != meta_.page_size) {
      damaged("DATA_INVALID", path_, "has two sizes of pages");
    }
    if (second.transaction > meta_.transaction) {
      meta_ = second;
    }
    // After the meta pages: a writer makes the file longer before it writes those.
    pages_ = file_size(file_, path_) / meta_.page_size;
    for (const std::uint64_t root : {meta_.free_root, meta_.main_root}) {
      if (root != kNoPage && root > meta_.last_page) {
        damaged("DATA_INVALID", path_, "names a page beyond its last one");
      }
    }
  }

  bool whole() const { return pages_ > meta_.last_page; }
  std::uint64_t wanted_size() const { return (meta_.last_page + 1) * meta_.page_size; }

  // Checks that every page in use is in the file, and that only free pages are missing.
  void check_pages() {
    check_tree(meta_.free_root, 0, true);
    check_tree(meta_.main_root, 0, false);
    const std::uint64_t known = kMetaPages + used_ + free_;
    if (known < meta_.last_page + 1) {
      damaged("DATA_TRUNCATED", path_,
              fmt::format("was cut short: it knows of {} pages and needs {}", known, meta_.last_page + 1));
    }
  }

 private:
  DataMeta meta_at(std::uint64_t offset) const {
    std::array<std::uint8_t, kMetaBytes> bytes{};
    if (!read_at(file_, path_, offset, bytes.data(), bytes.size())) {
      damaged("DATA_TRUNCATED", path_, "ends within its first pages");
    }
    const std::optional<DataMeta> meta = read_meta(bytes);
    if (!meta) {
      damaged("DATA_INVALID", path_, "is no LMDB file of version 1, or its first pages make no sense");
    }
    return *meta;
  }

  void use_pages(std::uint64_t first, std::uint64_t count) {
    used_ += count;
    if (first < kMetaPages || first > meta_.last_page || count > meta_.last_page - first + 1 ||
        used_ > meta_.last_page) {
      damaged("DATA_INVALID", path_, "names a page that cannot be");
    }
    if (first + count > pages_) {
      damaged("DATA_TRUNCATED", path_,
              fmt::format("was cut short: it has {} pages and needs {}", pages_, meta_.last_page + 1));
    }
  }

  void check_tree(std::uint64_t root, int depth, bool free_list) {
    if (root == kNoPage) {
      return;
    }
    use_pages(root, 1);
    std::vector<std::uint8_t> page(meta_.page_size);
    if (depth > kMaxDepth || !read_at(file_, path_, root * meta_.page_size, page.data(), page.size())) {
      damaged("DATA_INVALID", path_, "has a tree of pages that does not end");
    }
    for (const PageEntry& entry : entries_of(page).all) {
      if (entry.kind == PageEntry::Kind::kPage || entry.kind == PageEntry::Kind::kTable) {
        check_tree(entry.target, depth + 1, free_list);
        continue;
      }
      const std::uint64_t first =
          entry.kind == PageEntry::Kind::kOverflow ? first_of_overflow(entry.target) : first_of(entry.value);
      // A value of the free list begins with how many pages it lists.
      free_ += free_list && first <= meta_.last_page ? first : 0;
    }
  }

  PageEntries entries_of(Bytes page) const {
    const PageKind kind = kind_of_page(page);
    if (kind != PageKind::kBranch && kind != PageKind::kLeaf) {
      damaged("DATA_INVALID", path_, "has a page of no known kind");
    }
    PageEntries entries = entries_of_page(page, kind);
    if (!entries.sound) {
      damaged("DATA_INVALID", path_, "has an entry outside its page");
    }
    return entries;
  }

  static std::uint64_t first_of(Bytes value) {
    std::uint64_t first = 0;
    std::memcpy(&first, value.data(), std::min(value.size(), sizeof first));
    return first;
  }

  // Counts the pages of a long value; the first eight bytes of it.
  std::uint64_t first_of_overflow(std::uint64_t page) {
    use_pages(page, 1);
    std::array<std::uint8_t, kPageHeader + 8> header{};
    if (!read_at(file_, path_, page * meta_.page_size, header.data(), header.size()) ||
        kind_of_page(header) != PageKind::kOverflow) {
      damaged("DATA_INVALID", path_, "has a page of the wrong kind");
    }
    const std::uint64_t count = overflow_pages(header);
    if (count > 1) {
      use_pages(page + 1, count - 1);
    }
    return first_of(Bytes(header).subspan(kPageHeader));
  }

  std::filesystem::path path_;
  FileDescriptor file_;
  DataMeta meta_;
  std::uint64_t pages_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t free_ = 0;
};

}  // namespace

bool has_all_pages(const std::filesystem::path& data_file) {
  return DataFile(data_file).whole();
}

void extend_over_free_pages(const std::filesystem::path& data_file) {
  DataFile file(data_file);
  if (file.whole()) {
    return;
  }
  file.check_pages();
  const auto extend = [&] { return ::truncate(data_file.c_str(), static_cast<off_t>(file.wanted_size())); };
  if (uninterrupted(extend) != 0 && errno != EROFS) {
    throw_errno(errno, "extend", data_file);
  }
}

}  // namespace facesearch::storage
