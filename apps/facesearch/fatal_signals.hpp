// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {

/// From here on a fault of memory (SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL) ends the program with a document
/// and a status of the contract instead of a signal: 7004 where it came from a collection's files, which LMDB
/// reads without checksums, else a fault of the program. What was written is whole either way: a commit is
/// all or nothing. Where somebody else handles these signals already (a sanitizer), that stays.
void answer_fatal_signals(Call call, bool quiet);

/// Answers, needing no memory, that there is too little of it: with the document of the call, if
/// answer_fatal_signals() has made one already. To be called once.
ExitStatus answer_no_memory() noexcept;

}  // namespace facesearch::app
