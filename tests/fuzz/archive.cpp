// SPDX-License-Identifier: MIT
#include "facesearch/fetch/archive.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"

namespace {

constexpr facesearch::ArchiveLimits kLimits{100, 1U << 20U, 50, 1U << 16U};

/// Takes every other member whole, and a part of the others.
class Counting final : public facesearch::ArchiveSink {
 public:
  Choice begin(const facesearch::ArchiveMember& member) override {
    if (++members_ > kLimits.max_members || taking_) std::abort();
    if (member.obstacle != facesearch::Obstacle::kNone || members_ % 3 == 0) return Choice::kPassOver;
    taking_ = true;
    return Choice::kTake;
  }
  bool take(std::string_view bytes) override {
    bytes_ += bytes.size();
    if (!taking_ || bytes.empty() || bytes_ > kLimits.max_bytes) std::abort();
    return members_ % 2 == 0;
  }
  void end(const std::string& /*fault*/) override {
    if (!taking_) std::abort();
    taking_ = false;
  }

 private:
  std::uint64_t members_ = 0;
  std::uint64_t bytes_ = 0;
  bool taking_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const facesearch::ReadArchive kRead =
      facesearch::load_archive_reader(FACESEARCH_BINARY_DIR "/lib/facesearch");
  const facesearch::FileDescriptor file(::memfd_create("archive", MFD_CLOEXEC));
  facesearch::write_all(file, "archive", {reinterpret_cast<const char*>(data), size});
  try {
    Counting sink;
    kRead(file.get(), "archive.gz", kLimits, sink);
  } catch (const facesearch::Error& error) {
    if (error.reason() != "ARCHIVE_INVALID" && error.reason() != "ARCHIVE_TOO_LARGE") std::abort();
  }
  return 0;
}
