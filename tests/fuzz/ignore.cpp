// SPDX-License-Identifier: MIT
// A .facesearchignore and, behind its last line end, a path below its folder: refused as a pattern, or it
// decides; and a last line can take everything again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "facesearch/core/error.hpp"
#include "facesearch/inputs/ignore_rules.hpp"

using namespace facesearch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos) return 0;
  const std::string path = "p/" + text.substr(end + 1);
  try {
    const app::IgnoreRules rules("p/", text.substr(0, end), nullptr);
    rules.ignores(path, true);
    const app::IgnoreRules negated("p/", text.substr(0, end) + "\n!**\n", nullptr);
    if (negated.ignores(path, false)) std::abort();  // the last line takes everything again
  } catch (const Error& error) {
    if (error.reason() != "IGNORE_FILE_INVALID") std::abort();
  }
  return 0;
}
