// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::storage {

/// What to do about a collection that is damaged; ends a sentence that says what is.
inline constexpr const char* kDamageAdvice =
    "restore it from a backup, or save what is whole by `facesearch collection repair`";

}  // namespace facesearch::storage
