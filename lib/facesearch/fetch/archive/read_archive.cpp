// SPDX-License-Identifier: MIT
// Reads an archive as a stream through libarchive. The form is known by the file's first bytes and one format
// is enabled for it, so that no other reader of libarchive sees the file; a second compression inside the
// first is refused. What is unpacked is counted, passed-over members included, because a few bytes of bzip2
// or gzip can stand for terabytes.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/fetch/archive.hpp"
#include "facesearch/fetch/archive/zip_directory.hpp"

namespace facesearch {
namespace {

constexpr std::size_t kBlockBytes = 1U << 16U;
constexpr std::size_t kShownName = 200;
constexpr std::uint64_t kMostDirectoryBytes = 32U << 20U;  // of a zip

struct Closing {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class ArchiveReading {
 public:
  ArchiveReading(int file, const std::string& name, const ArchiveLimits& limits, ArchiveSink& sink)
      : file_(file), name_(name), limits_(limits), sink_(sink), block_(kBlockBytes) {}

  void run() {
    start();
    if (read_members() > 0 || !is_compressed() || is_archive_name(uncompressed_name(name_))) return;
    // A file that begins with 512 zeros looks like the end of a tar.
    only_raw_ = true;
    start();
    (void)read_members();
  }

 private:
  // How many there were.
  std::uint64_t read_members() {
    std::uint64_t members = 0;
    for (archive_entry* entry = nullptr; next(entry); ++members) {
      if (members >= limits_.max_members)
        refuse_size(fmt::format("it has more than {} members", limits_.max_members));
      require_one_compression();
      const ArchiveSink::Choice choice = sink_.begin(member_of(entry));
      if (choice == ArchiveSink::Choice::kEnough) return members + 1;
      if (choice == ArchiveSink::Choice::kTake) {
        take();
      } else {
        pass_over();
      }
    }
    return members;
  }

  // What libarchive and the form disagree about is damage.
  void start() {
    struct stat status {};
    if (::fstat(file_, &status) != 0) throw_errno(errno, "look at", name_);
    if (!S_ISREG(status.st_mode)) refuse("it is not a regular file");
    packed_ = static_cast<std::uint64_t>(status.st_size);
    std::string first(kArchiveStart, '\0');
    const ssize_t got = uninterrupted([&] { return ::pread(file_, first.data(), first.size(), 0); });
    if (got < 0) throw_errno(errno, "read", name_);
    first.resize(static_cast<std::size_t>(got));
    form_ = archive_form(first);
    if (::lseek(file_, 0, SEEK_SET) != 0) throw_errno(errno, "read", name_);
    if (form_ == ArchiveForm::kZip && zip_directory_bytes(file_, packed_) > kMostDirectoryBytes)
      refuse_size(fmt::format("its directory has more than {} bytes", kMostDirectoryBytes));
    reader_.reset(archive_read_new());
    if (!reader_) throw std::bad_alloc();
    require(enable());
    require(archive_read_open_fd(reader_.get(), file_, kBlockBytes));
  }

  int enable() {
    archive* reader = reader_.get();
    switch (form_) {
      case ArchiveForm::kZip:
        return archive_read_support_format_zip_seekable(reader);
      case ArchiveForm::kGzip:
        return std::min(archive_read_support_filter_gzip(reader), enable_unpacked());
      case ArchiveForm::kBzip2:
        return std::min(archive_read_support_filter_bzip2(reader), enable_unpacked());
      case ArchiveForm::kTar:
        return archive_read_support_format_tar(reader);
      case ArchiveForm::kNone:
        break;
    }
    refuse("it is none of zip, tar, gzip and bzip2");
  }

  // What may be under a compression.
  int enable_unpacked() {
    const int tar = only_raw_ ? ARCHIVE_OK : archive_read_support_format_tar(reader_.get());
    return std::min(tar, archive_read_support_format_raw(reader_.get()));
  }

  bool is_compressed() const { return form_ == ArchiveForm::kGzip || form_ == ArchiveForm::kBzip2; }

  // gzip in gzip: each would multiply the other's ratio.
  void require_one_compression() {
    if (archive_filter_count(reader_.get()) > 2) refuse("it is compressed twice");
  }

  bool next(archive_entry*& entry) {
    const int status = archive_read_next_header(reader_.get(), &entry);
    if (status == ARCHIVE_EOF) return false;
    require(status);
    count(0);
    return true;
  }

  // ARCHIVE_WARN: libarchive can go on, for example with a name that is not of this locale. ARCHIVE_RETRY: of
  // a damaged header; what libarchive finds behind it is a guess.
  void require(int status) const {
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) refuse(fault());
  }

  std::string fault() const {
    if (archive_errno(reader_.get()) == ENOMEM) throw std::bad_alloc();
    const char* text = archive_error_string(reader_.get());
    return text == nullptr ? "it is damaged or cut short"
                           : fmt::format("it is damaged or cut short ({})", printable(text));
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Cause::kModelMissing, "ARCHIVE_INVALID",
                fmt::format("the archive {} cannot be read: {}", name_, why));
  }

  [[noreturn]] void refuse_size(const std::string& why) const {
    throw Error(Cause::kModelMissing, "ARCHIVE_TOO_LARGE",
                fmt::format("the archive {} is not unpacked: {}", name_, why));
  }

  ArchiveMember member_of(archive_entry* entry) const {
    ArchiveMember member;
    if (archive_format(reader_.get()) == ARCHIVE_FORMAT_RAW) {
      const std::size_t folder = name_.rfind('/');
      const std::string_view own =
          folder == std::string::npos ? name_ : std::string_view(name_).substr(folder + 1);
      member.name = std::string(uncompressed_name(own));
    } else {
      member.name = name_of(entry);
      if (archive_entry_size_is_set(entry) != 0 && archive_entry_size(entry) >= 0)
        member.bytes = static_cast<std::uint64_t>(archive_entry_size(entry));
      member.obstacle = obstacle_of(entry);
    }
    return member;
  }

  static std::string name_of(archive_entry* entry) {
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    std::string_view text = name == nullptr ? "" : name;
    if (text.starts_with("./")) text.remove_prefix(2);  // as tar names what it found below a folder
    // The end tells most: it has the name of the file.
    return printable(text.substr(text.size() - std::min(text.size(), kShownName)));
  }

  static Obstacle obstacle_of(archive_entry* entry) {
    if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr)
      return Obstacle::kLink;
    if (archive_entry_filetype(entry) == AE_IFDIR) return Obstacle::kFolder;
    if (archive_entry_filetype(entry) != AE_IFREG) return Obstacle::kNoFile;
    return archive_entry_is_encrypted(entry) != 0 ? Obstacle::kEncrypted : Obstacle::kNone;
  }

  void take() {
    for (;;) {
      const la_ssize_t got = archive_read_data(reader_.get(), block_.data(), block_.size());
      if (got == 0) return sink_.end("");
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) {
        const std::string why = fault();
        if (got == ARCHIVE_FATAL) refuse(why);
        sink_.end(why);  // a wrong checksum of a zip's member spoils that member alone
        return;
      }
      count(static_cast<std::uint64_t>(got));
      if (!sink_.take({block_.data(), static_cast<std::size_t>(got)})) {
        sink_.end("");
        return pass_over();
      }
    }
  }

  // libarchive seeks over a member of a file that is not compressed; else it would unpack without a limit.
  void pass_over() {
    if (!is_compressed()) return;
    for (;;) {
      const void* bytes = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(reader_.get(), &bytes, &size, &offset);
      if (status == ARCHIVE_EOF) return;
      require(status);
      count(0);
    }
  }

  // Limits what was unpacked so far. A compressed stream counts with all that is in it; of a zip only what
  // was taken is unpacked, and members may share their packed bytes.
  void count(std::uint64_t taken) {
    taken_ += taken;
    const std::uint64_t unpacked = is_compressed() ? bytes_after(0) : taken_;
    const std::uint64_t packed = is_compressed() ? bytes_after(-1) : packed_;
    if (unpacked > limits_.max_bytes)
      refuse_size(fmt::format("it unpacks to more than {} bytes", limits_.max_bytes));
    if (unpacked > limits_.free_bytes && unpacked / limits_.max_ratio > packed) {
      refuse_size(
          fmt::format("it unpacks to more than {} times its size, as no network does", limits_.max_ratio));
    }
  }

  std::uint64_t bytes_after(int filter) const {
    return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(reader_.get(), filter)));
  }

  int file_;
  const std::string& name_;
  const ArchiveLimits& limits_;
  ArchiveSink& sink_;
  std::vector<char> block_;
  ArchiveForm form_ = ArchiveForm::kNone;
  bool only_raw_ = false;     // under the compression is one file
  std::uint64_t packed_ = 0;  // bytes of the file
  std::uint64_t taken_ = 0;   // bytes of members that were taken
  std::unique_ptr<archive, Closing> reader_;
};

void read_archive(int file, const std::string& name, const ArchiveLimits& limits, ArchiveSink& sink) {
  ArchiveReading(file, name, limits, sink).run();
}

}  // namespace
}  // namespace facesearch

// The symbol that kArchiveSymbol (fetch/archive.hpp) names.
extern "C" __attribute__((visibility("default"))) facesearch::ReadArchive facesearch_archive_v2() {
  return facesearch::read_archive;
}
