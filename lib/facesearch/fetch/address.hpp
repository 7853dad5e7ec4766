// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace facesearch {

enum class Scheme { kNone, kHttp, kHttps, kFile };

/// Scheme of an address, in any case of letters; kNone for every other one.
Scheme scheme_of(std::string_view url);

/// An address as it may be shown: scheme, host, port and path. User, password, query and fragment are left
/// out, and everything behind the scheme where it cannot be told what is the host.
std::string public_address(std::string_view url);

/// A text without control characters: what a server said, before it is shown.
std::string printable(std::string_view text);

}  // namespace facesearch
