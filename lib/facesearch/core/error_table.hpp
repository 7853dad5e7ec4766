// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "facesearch/core/error.hpp"

namespace facesearch {

/// The calls of the contract. `kManage` is everything the public API has no error table for
/// (collections, keys, the store itself); it shares the numbers of search.
enum class Call : std::uint8_t { kSearch, kEnroll, kFaceList, kFaceDelete, kVerify, kDetect, kManage };

/// Classes of the exit status; the numbers are the contract's and never change.
enum class ExitStatus : std::uint8_t {
  kSuccess = 0,
  kNo = 1,
  kUsage = 2,
  kSomeFailed = 3,
  kRefused = 4,
  kAccess = 5,
  kStore = 6,
  kModel = 7,
  kInternal = 70,
  kInterrupted = 130,
};

/// The documented pair of a cause in a call, letter for letter, and its exit class.
struct Documented {
  int code;
  std::string_view message;
  ExitStatus status;
};

/// The documented pair for `cause` when it happens in `call`. Never throws: a cause that a call does
/// not document has search's number where search has one, else that of the call's catch-all (6012, 6023,
/// 6029, 6038).
Documented documented(Call call, Cause cause) noexcept;

/// One row of the table, for the documentation test.
struct ErrorRow {
  Call call;
  Cause cause;
  Documented documented;
};

/// Every documented row, in the order of the numbers.
std::span<const ErrorRow> error_rows() noexcept;

/// How many inputs of a batch an error concerns. While an input is read every error is that input's own.
enum class Reach : std::uint8_t {
  kInput,  ///< this input alone
  kGroup,  ///< the inputs that are searched or written together with it; a retry can succeed
  kBatch,  ///< every input to come: the batch ends
};

/// The reach of an error: of its cause and reason where they have a row, else of its cause alone.
Reach reach_of(const Error& error) noexcept;

/// One row of the column `reach`.
struct ReachRow {
  Cause cause;
  KnownReason reason;  ///< kNone: any that has no row of its own
  Reach reach;
};

/// Every cause has a row without a reason.
std::span<const ReachRow> reach_rows() noexcept;

}  // namespace facesearch
