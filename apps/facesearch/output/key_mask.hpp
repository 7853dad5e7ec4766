// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace facesearch::app {

/// The text with everything that looks like an API key (`fsk_` and letters or digits) replaced by `fsk_…`. A
/// key typed in the wrong place must not get into a log.
std::string without_keys(std::string text);

}  // namespace facesearch::app
