// SPDX-License-Identifier: MIT
#include "facesearch/store/data_file.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/file_system.hpp"

namespace facesearch::storage {
namespace {

// The format of LMDB 0.9 (data version 1) on a 64-bit little-endian machine.
constexpr std::uint32_t kMagic = 0xBEEF'C0DE;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint64_t kMetaPages = 2;
constexpr std::size_t kPageHeader = 16;
constexpr std::size_t kMetaSize = 136;
constexpr std::size_t kTableSize = 48;
constexpr unsigned kBranchPage = 0x01;
constexpr unsigned kLeafPage = 0x02;
constexpr unsigned kOverflowPage = 0x04;
constexpr unsigned kBigData = 0x01;
constexpr unsigned kSubTable = 0x02;
constexpr int kMaxDepth = 64;

[[noreturn]] void damaged(const char* reason, const std::filesystem::path& path, const std::string& what) {
  throw Error(Cause::kStoreDamaged, reason,
              fmt::format("{} {}; restore it from a backup", path.string(), what));
}

template <class T>
T number_at(const std::uint8_t* bytes) {
  T value{};
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

struct Meta {
  std::uint64_t page_size = 0;
  std::uint64_t free_root = kNoPage;
  std::uint64_t main_root = kNoPage;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};

class DataFile {
 public:
  explicit DataFile(const std::filesystem::path& path) : path_(path), file_(open_existing_file(path)) {
    if (file_.get() < 0) {
      damaged("DATA_MISSING", path_, "is missing");
    }
    meta_ = read_meta(0);
    const Meta second = read_meta(meta_.page_size);
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

  // Every page in use is there, and as many are free as are missing.
  void check_pages() {
    page_.resize(meta_.page_size);
    check_tree(meta_.free_root, 0, true);
    check_tree(meta_.main_root, 0, false);
    const std::uint64_t known = kMetaPages + used_ + free_;
    if (known < meta_.last_page + 1) {
      damaged("DATA_TRUNCATED", path_,
              fmt::format("was cut short: it knows of {} pages and needs {}", known, meta_.last_page + 1));
    }
  }

 private:
  Meta read_meta(std::uint64_t offset) const {
    std::array<std::uint8_t, kPageHeader + kMetaSize> bytes{};
    if (!read_at(file_, path_, offset, bytes.data(), bytes.size())) {
      damaged("DATA_TRUNCATED", path_, "ends within its first pages");
    }
    const std::uint8_t* at = bytes.data() + kPageHeader;
    if (number_at<std::uint32_t>(at) != kMagic || number_at<std::uint32_t>(at + 4) != kVersion) {
      damaged("DATA_INVALID", path_, "is no LMDB file of version 1");
    }
    const std::uint8_t* free_table = at + 24;
    const std::uint8_t* main_table = free_table + kTableSize;
    Meta meta;
    meta.page_size = number_at<std::uint32_t>(free_table);
    meta.free_root = number_at<std::uint64_t>(free_table + 40);
    meta.main_root = number_at<std::uint64_t>(main_table + 40);
    meta.last_page = number_at<std::uint64_t>(main_table + kTableSize);
    meta.transaction = number_at<std::uint64_t>(main_table + kTableSize + 8);
    const bool power_of_two = (meta.page_size & (meta.page_size - 1)) == 0;
    if (meta.page_size < 512 || meta.page_size > 65'536 || !power_of_two ||
        meta.last_page >= (std::uint64_t{1} << 47) / meta.page_size) {
      damaged("DATA_INVALID", path_, "has a first page that makes no sense");
    }
    return meta;
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
    if (depth > kMaxDepth || !read_at(file_, path_, root * meta_.page_size, page_.data(), page_.size())) {
      damaged("DATA_INVALID", path_, "has a tree of pages that does not end");
    }
    for (const Link& link : links_of_page()) {
      if (link.kind == Link::Kind::kPage) {
        check_tree(link.target, depth + 1, free_list);
        continue;
      }
      const std::uint64_t first =
          link.kind == Link::Kind::kOverflow ? first_of_overflow(link.target) : link.target;
      // A value of the free list begins with how many pages it lists.
      free_ += free_list && first <= meta_.last_page ? first : 0;
    }
  }

  // What an entry of a page leads to: a page, pages of one long value, or a value (its first eight bytes).
  struct Link {
    enum class Kind : std::uint8_t { kPage, kOverflow, kValue };
    Kind kind;
    std::uint64_t target;
  };

  std::vector<Link> links_of_page() const {
    const unsigned flags = number_at<std::uint16_t>(&page_[10]);
    const std::size_t lower = number_at<std::uint16_t>(&page_[12]);
    if ((flags & (kBranchPage | kLeafPage)) == 0 || lower < kPageHeader || lower > page_.size()) {
      damaged("DATA_INVALID", path_, "has a page of no known kind");
    }
    std::vector<Link> links;
    for (std::size_t index = kPageHeader; index + 2 <= lower; index += 2) {
      const std::size_t node = number_at<std::uint16_t>(&page_[index]);
      if (node + 8 > page_.size()) {
        damaged("DATA_INVALID", path_, "has an entry outside its page");
      }
      const std::uint64_t low = number_at<std::uint32_t>(&page_[node]);
      const unsigned node_flags = number_at<std::uint16_t>(&page_[node + 4]);
      const std::size_t value = node + 8 + number_at<std::uint16_t>(&page_[node + 6]);
      if ((flags & kBranchPage) != 0) {
        links.push_back({Link::Kind::kPage, low | std::uint64_t{node_flags} << 32});
      } else if ((node_flags & kSubTable) != 0 && value + kTableSize <= page_.size()) {
        links.push_back({Link::Kind::kPage, number_at<std::uint64_t>(&page_[value + 40])});
      } else if (value + 8 <= page_.size()) {
        const bool overflow = (node_flags & kBigData) != 0;
        links.push_back(
            {overflow ? Link::Kind::kOverflow : Link::Kind::kValue, number_at<std::uint64_t>(&page_[value])});
      }
    }
    return links;
  }

  // Counts the pages of a long value; the first eight bytes of it.
  std::uint64_t first_of_overflow(std::uint64_t page) {
    use_pages(page, 1);
    std::array<std::uint8_t, kPageHeader + 8> header{};
    if (!read_at(file_, path_, page * meta_.page_size, header.data(), header.size()) ||
        (number_at<std::uint16_t>(&header[10]) & kOverflowPage) == 0) {
      damaged("DATA_INVALID", path_, "has a page of the wrong kind");
    }
    const std::uint64_t count = number_at<std::uint32_t>(&header[12]);
    if (count > 1) {
      use_pages(page + 1, count - 1);
    }
    return number_at<std::uint64_t>(&header[kPageHeader]);
  }

  std::filesystem::path path_;
  FileDescriptor file_;
  Meta meta_;
  std::uint64_t pages_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t free_ = 0;
  std::vector<std::uint8_t> page_;
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
  if (::truncate(data_file.c_str(), static_cast<off_t>(file.wanted_size())) != 0) {
    throw_errno(errno, "extend", data_file);
  }
}

}  // namespace facesearch::storage
