// SPDX-License-Identifier: MIT
// Any bytes as a backup, unchanged and with the sum corrected (without a master key anybody can compute it):
// it verifies as a whole, or an Error refuses it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/store/backup/write_backup.hpp"

using namespace facesearch;
using namespace facesearch::storage;

namespace {

class Memory final : public BackupBytes {
 public:
  explicit Memory(Bytes bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) std::abort();  // a length was believed
    std::ranges::copy(bytes_.subspan(offset, out.size()), out.begin());
  }
  [[noreturn]] void damaged(std::string_view what) const override {
    throw Error(Cause::kInvalidValue, "BACKUP_DAMAGED", std::string(what));
  }

 private:
  Bytes bytes_;
};

// True if it is a backup and whole.
bool verify(Bytes bytes) {
  try {
    const Memory memory(bytes);
    std::optional<MasterKeys> masters;
    const OpenBackup backup(memory,
                            [&](const BackupHeader& header) -> MasterKeys& {
                              return masters.emplace(std::nullopt, header.store);
                            },
                            {});
    const BackupReport report = verified(backup, {});
    if (report.bytes != bytes.size() || report.collections.size() != backup.contents().collections.size()) {
      std::abort();
    }
    return true;
  } catch (const Error& error) {
    const bool damaged = error.reason() == "BACKUP_DAMAGED" || error.reason() == "BACKUP_VERSION_UNKNOWN";
    if (!damaged && error.cause() != Cause::kMasterKey) std::abort();
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  verify({data, size});
  if (size < Sha256{}.size()) return 0;
  std::vector<std::uint8_t> bytes(data, data + size);
  const std::size_t end = size - Sha256{}.size();
  std::ranges::copy(sha256(Bytes(bytes).first(end)), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  const bool whole = verify(bytes);
  // A whole one is whole no more once a bit of it is not as it was.
  if (whole) {
    bytes[end / 2] ^= 1;
    if (verify(bytes)) std::abort();
  }
  return 0;
}
