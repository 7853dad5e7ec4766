// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace facesearch {

/// One GET. Up to ten redirects are followed: to http and https, from an https address on only to https,
/// never to a file.
struct TransferRequest {
  std::string url;
  std::uint64_t offset;        ///< the first byte that is wanted
  std::string version;         ///< ETag that the offset belongs to; empty: whatever is there now
  std::chrono::seconds stall;  ///< timeout of the connection, and of a server that sends nothing more
};

/// What a server says before the body.
struct TransferHead {
  std::uint64_t offset;                ///< where the body starts: as requested, or 0
  std::optional<std::uint64_t> total;  ///< size of the whole file
  std::string version;                 ///< strong ETag, empty if there is none
};

/// Receives what a server sends. An exception from begin() or take() ends the transfer; get() throws it.
class TransferSink {
 public:
  TransferSink() = default;
  TransferSink(const TransferSink&) = delete;
  TransferSink& operator=(const TransferSink&) = delete;
  virtual ~TransferSink() = default;

  /// Called once, before the first byte, and only if the server has the file.
  virtual void begin(const TransferHead& head) = 0;

  virtual void take(std::string_view bytes) = 0;
};

enum class TransferEnd : std::uint8_t {
  kDone,          ///< everything came
  kCut,           ///< the connection was cut, or the server is busy: a retry can help
  kUnreachable,   ///< no such host, or nothing listens there
  kRangeRefused,  ///< the server has nothing from that offset
  kFailed,        ///< a retry would fail, too
};

struct TransferResult {
  TransferEnd end;
  std::string words;  ///< why, without credentials; empty with kDone
};

/// Gets files by http, https and file addresses. Thread-safe.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual TransferResult get(const TransferRequest& request, TransferSink& sink) const = 0;
};

}  // namespace facesearch
