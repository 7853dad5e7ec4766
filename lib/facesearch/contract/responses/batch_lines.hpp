// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "facesearch/core/error_table.hpp"

/// The lines of a batch: JSON Lines, one an input and a summary at the end.
namespace facesearch::contract {

/// The document of one input, with `input` before its members.
std::string batch_line(std::string_view input, std::string_view document);

/// The text that `input` is in such a line: what is not UTF-8 is U+FFFD there.
std::string input_as_written(std::string_view input);

/// What a batch came to.
struct BatchCounts {
  std::uint64_t inputs = 0;  ///< that were answered
  std::uint64_t succeeded = 0;
  std::uint64_t already_enrolled = 0;  ///< of those that succeeded
  std::uint64_t differing = 0;         ///< of those: enrolled with another name, person or metadata
  std::map<std::string, std::uint64_t, std::less<>> faces;  ///< by outcome, where all faces are enrolled
  std::uint64_t nobody = 0;  ///< searches that found none, of those that succeeded
  std::map<std::pair<std::string, std::string>, std::uint64_t> passed_over;  ///< by reason and ending
  std::map<std::pair<int, std::string>, std::uint64_t> faults;               ///< by code and reason
  double seconds = 0;
  bool interrupted = false;

  std::uint64_t failed() const { return inputs - succeeded; }
};

/// `{"type":"summary",…}`; `ended_by`: what ended the batch before its inputs did.
std::string summary_json(Call call, const BatchCounts& counts, const std::optional<std::string>& ended_by);

/// The code and reason of a document that error_json() wrote.
std::pair<int, std::string> fault_of(std::string_view error_document);

/// Of a line of an earlier batch: its `input` if it failed, none if it did not or is no input's. Throws
/// Error(kInvalidValue, LIST_INVALID) if it is no JSON object.
std::optional<std::string> failed_input(std::string_view line);

}  // namespace facesearch::contract
