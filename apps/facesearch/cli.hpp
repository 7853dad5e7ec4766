// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::app {

/// The whole program: parses the command line, runs the command, writes its one document to standard
/// output and people's words to standard error. Returns the exit status of the contract. Never throws.
int run(int argc, char** argv) noexcept;

}  // namespace facesearch::app
