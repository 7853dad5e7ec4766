// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "facesearch/inputs/file_stamp.hpp"
#include "facesearch/invocation.hpp"

namespace facesearch::app {

/// Checks the API key again while a batch or a watch runs: the key may be revoked or expire meanwhile.
class KeyCheck {
 public:
  /// `scopes`: of which the key needs any one. The invocation outlives this.
  KeyCheck(Invocation& invocation, service::Scopes scopes) : invocation_(invocation), scopes_(scopes) {}

  /// Returns the optional `input`; if there is one, checks the key before. Throws as
  /// Invocation::authenticate.
  template <class Input>
  Input checked(Input input) {
    if (input) check();
    return input;
  }

 private:
  void check();

  Invocation& invocation_;
  service::Scopes scopes_;
  std::optional<FileStamp> checked_file_;            // none: not checked yet
  std::chrono::steady_clock::time_point looked_at_;  // for the file
  std::chrono::steady_clock::time_point checked_at_;
};

}  // namespace facesearch::app
