// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {

/// From here on SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL end the program with a document and a status of
/// the contract instead of a signal: 7004 if the fault came from a collection's files, which LMDB reads
/// without checksums; else a fault of the program (70), which also leaves a core where the system keeps
/// cores. An exit() before expect_exit(), as some libraries call it, ends with 70 too. The store stays whole:
/// a commit is all or nothing. A signal that is handled already (by a sanitizer) keeps its handler. Call it
/// once.
void answer_fatal_ends(Call call, bool quiet);

/// The program's own end: from here on exit() does what it always does.
void expect_exit() noexcept;

/// Says without allocating that there is not enough memory: with the call's document, if answer_fatal_ends()
/// was called. Returns the status to end with.
ExitStatus answer_no_memory() noexcept;

}  // namespace facesearch::app
