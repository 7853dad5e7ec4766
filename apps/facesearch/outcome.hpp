// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {

class Invocation;

/// What a command answers: the document for standard output and the class of its exit.
struct Outcome {
  std::string document;
  ExitStatus status = ExitStatus::kSuccess;
};

/// The command that the command line chose; `call` decides the documented numbers of its errors.
struct Selection {
  Call call = Call::kManage;
  std::function<Outcome(Invocation&)> action;
};

/// Wrong use of the command line that only shows when everything is parsed: exit status 2.
struct UsageError {
  std::string text;
};

}  // namespace facesearch::app
