// SPDX-License-Identifier: MIT
#pragma once

namespace facesearch::app {

/// The whole program: parses the command line, runs the command, writes one JSON document to standard output
/// and messages to standard error. Returns the exit status of the contract.
int run(int argc, char** argv) noexcept;

}  // namespace facesearch::app
