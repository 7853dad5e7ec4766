// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace facesearch::app {

/// The text with what looks like an API key (`fsk_` and what follows it) cut down to `fsk_…`: a key that was
/// typed in the wrong place must not end in a log.
std::string without_keys(std::string text);

}  // namespace facesearch::app
