// SPDX-License-Identifier: MIT
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/face/bounded_file.hpp"
#include "facesearch/face/pack.hpp"

namespace facesearch {

std::vector<std::uint8_t> read_network(const Pack& pack, const NetworkFile& network) {
  const std::filesystem::path path = pack.files / network.file;
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    throw Error(
        Cause::kModelMissing, "MODEL_FILE_MISSING",
        fmt::format("the network file {} of pack {} is not there; install the pack or name its folder "
                    "with --models",
                    path.string(), pack.name));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (!failed && size != network.bytes) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_SIZE",
                fmt::format("the network file {} has {} bytes, its manifest says {}; fetch it again",
                            path.string(), size, network.bytes));
  }
  auto bytes = read_bounded(path, network.bytes);
  if (!bytes) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_MISSING",
                fmt::format("the network file {} cannot be read", path.string()));
  }
  const std::string digest = hex(sha256(*bytes));
  if (digest != network.sha256) {
    throw Error(Cause::kModelMissing, "MODEL_FILE_CHECKSUM",
                fmt::format("the network file {} has the SHA-256 {}, its manifest says {}; fetch it again",
                            path.string(), digest, network.sha256));
  }
  return std::move(*bytes);
}

}  // namespace facesearch
