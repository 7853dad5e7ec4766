// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "facesearch/core/error.hpp"

namespace facesearch::contract {

/// The error that `run` throws; fails by std::bad_optional_access where it throws none.
template <typename Run>
Error thrown(const Run& run) {
  std::optional<Error> error;
  try {
    run();
  } catch (const Error& caught) {
    error = caught;
  }
  return error.value();
}

/// Its reason.
template <typename Run>
std::string reason_of(const Run& run) {
  return thrown(run).reason();
}

}  // namespace facesearch::contract
