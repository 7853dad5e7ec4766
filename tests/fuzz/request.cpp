// SPDX-License-Identifier: MIT
#include "facesearch/contract/requests/request.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "facesearch/contract/responses/response.hpp"

using namespace facesearch;

namespace {

// Whatever comes in is a request or an Error, and the error can be written.
template <typename Read>
void try_read(Call call, const Read& read, std::string_view text) {
  try {
    (void)read(contract::parse_request(text));
  } catch (const Error& error) {
    (void)contract::error_json(call, error);
  }
}

// Small requests and large ones have a parser each, which must agree.
void require_same_when_large(std::string_view text) {
  const auto members = [](const std::string& json) {
    try {
      return std::optional(contract::parse_request(json).members);
    } catch (const Error&) {
      return std::optional<decltype(contract::RawRequest::members)>();
    }
  };
  constexpr std::size_t kNoMoreSmall = std::size_t{129} << 10U;
  const std::string small(text);
  if (members(small) != members(small + std::string(kNoMoreSmall, ' '))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_read(Call::kSearch, contract::read_search, text);
  try_read(Call::kEnroll, contract::read_enroll, text);
  try_read(Call::kFaceList, contract::read_face_list, text);
  try_read(Call::kFaceDelete, contract::read_face_delete, text);
  try_read(Call::kVerify, contract::read_verify, text);
  require_same_when_large(text);
  return 0;
}
