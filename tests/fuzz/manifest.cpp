// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pack/pack.hpp"

// A manifest is read or refused by MANIFEST_INVALID; whatever is read keeps what pack.hpp promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const facesearch::Pack pack =
        facesearch::parse_manifest({reinterpret_cast<const char*>(data), size}, "/nowhere");
    const std::string& file = pack.detector.network.file;
    if (file.empty() || file.front() == '/' || file.find("..") == 0 ||
        file.find("/../") != std::string::npos) {
      std::abort();
    }
    (void)facesearch::recorded_manifest(std::string(reinterpret_cast<const char*>(data), size),
                                        {{file, {1, std::string(64, 'a')}}});
    if (facesearch::fingerprint(pack).size() != 64) std::abort();
  } catch (const facesearch::Error& error) {
    // The latter by fingerprint(): a manifest may leave open what its files are.
    if (error.reason() != "MANIFEST_INVALID" && error.reason() != "PACK_NOT_INSTALLED") std::abort();
  }
  return 0;
}
