// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/invocation.hpp"
#include "facesearch/options/request_options.hpp"
#include "facesearch/outcome.hpp"

namespace facesearch::app {

/// The way of a request that is answered by one document, in the contract's order: the key, the request and
/// its fields, then the work. `read`: RawRequest → request. `answer`: (context, caller, request) → document.
template <class Read, class Answer>
Outcome run_request(Invocation& invocation, Scope scope, const RequestOptions& options, const Read& read,
                    const Answer& answer) {
  const auto caller = invocation.authenticate(service::scope_bit(scope));
  const auto request = read(options.read());
  auto context = invocation.context();
  return {answer(context, caller, request)};
}

}  // namespace facesearch::app
