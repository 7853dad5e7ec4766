// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {

class Invocation;

/// What the text of an outcome is.
enum class Shape : std::uint8_t {
  kDocument,  ///< one JSON document
  kLastLine,  ///< the last JSON line of many: it stays a line on a terminal
  kText,      ///< for people already
};

/// The result of a command: the document for standard output and the exit status.
struct Outcome {
  std::string document;
  ExitStatus status = ExitStatus::kSuccess;
  Shape shape = Shape::kDocument;
};

/// The chosen command; `call` decides the documented codes of its errors.
struct Selection {
  Call call = Call::kManage;
  std::function<Outcome(Invocation&)> action;
};

/// Wrong usage that is only found after parsing. Exit status 2.
struct UsageError {
  std::string text;
};

}  // namespace facesearch::app
