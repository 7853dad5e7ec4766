// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {

/// From here on a fault of memory (SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL) ends the program with a document
/// and a status of the contract instead of a signal: 7004 where it came from a collection's files, which LMDB
/// reads without checksums, else a fault of the program. So does an exit() before expect_exit(), as libraries
/// call it. What was written is whole either way: a commit is all or nothing. Where somebody else handles
/// these signals already (a sanitizer), that stays. To be called once.
void answer_fatal_ends(Call call, bool quiet);

/// The program's own end: from here on exit() is as it always was.
void expect_exit() noexcept;

/// Answers, needing no memory, that there is too little of it: with the document of the call, if
/// answer_fatal_ends() has made one already. To be called once.
ExitStatus answer_no_memory() noexcept;

}  // namespace facesearch::app
