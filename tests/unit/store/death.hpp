// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::test {

/// The exit status of a process that death_at() ended.
inline constexpr int kDied = 99;

/// Ends this process, as kill -9 does, just before its `call`-th call from now on that changes files (1 is
/// the next one; 0: never), whoever makes it: the store, LMDB or the C++ library.
void death_at(int call);

}  // namespace facesearch::test
