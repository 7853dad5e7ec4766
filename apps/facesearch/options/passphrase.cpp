// SPDX-License-Identifier: MIT
#include "facesearch/options/passphrase.hpp"

#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/standard_folders.hpp"

namespace facesearch::app {
namespace {

constexpr std::size_t kMaxBytes = 4096;

std::vector<std::uint8_t> bytes_of(const std::string& file) {
  try {
    return read_input(file, kMaxBytes);
  } catch (const Error& error) {
    throw Error(error.cause(), error.reason(),
                "the file of the passphrase cannot be read; its name is not shown, it may be the passphrase");
  }
}

void require_some(const std::string& passphrase) {
  if (passphrase.empty()) throw Error(Cause::kInvalidValue, "PASSPHRASE_EMPTY", "the passphrase is empty");
}

}  // namespace

std::string read_passphrase(const std::string& file) {
  std::vector<std::uint8_t> bytes = bytes_of(file);
  std::string passphrase(bytes.begin(), bytes.end());
  cleanse(bytes.data(), bytes.size());
  if (passphrase.size() > kMaxBytes) {
    throw Error(Cause::kInvalidValue, "PASSPHRASE_TOO_LONG",
                fmt::format("the passphrase has more than {} bytes", kMaxBytes));
  }
  // Only the end of the line: a space may be part of it.
  if (passphrase.ends_with('\n')) passphrase.pop_back();
  if (passphrase.ends_with('\r')) passphrase.pop_back();
  require_some(passphrase);
  return passphrase;
}

std::optional<std::string> find_passphrase(const std::string& file) {
  if (!file.empty()) return read_passphrase(file);
  if (const auto named = environment("FACESEARCH_PASSPHRASE_FILE")) return read_passphrase(*named);
  const char* given = std::getenv("FACESEARCH_PASSPHRASE");  // NOLINT(concurrency-mt-unsafe)
  if (given == nullptr) return std::nullopt;
  // Set but empty means a missing passphrase, not that there is none.
  std::string passphrase(given);
  require_some(passphrase);
  return passphrase;
}

}  // namespace facesearch::app
