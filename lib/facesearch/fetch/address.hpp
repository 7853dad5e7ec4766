// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace facesearch {

enum class Scheme { kNone, kHttp, kHttps, kFile };

/// The scheme of an address, in any case of letters; kNone for any other scheme.
Scheme scheme_of(std::string_view url);

/// An address without secrets: scheme, host, port and path. Omits user, password, query and fragment; and
/// everything after the scheme if it is not clear where the host ends.
std::string public_address(std::string_view url);

}  // namespace facesearch
