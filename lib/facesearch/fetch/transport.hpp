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

/// What a server says before the bytes.
struct TransferHead {
  std::uint64_t offset;                ///< where its bytes start: as asked for, or 0
  std::optional<std::uint64_t> total;  ///< size of the whole file
  std::string version;                 ///< strong ETag, empty if there is none
};

/// Takes what a server sends. What begin() and take() throw ends the transfer and comes out of get().
class TransferSink {
 public:
  TransferSink() = default;
  TransferSink(const TransferSink&) = delete;
  TransferSink& operator=(const TransferSink&) = delete;
  virtual ~TransferSink() = default;

  /// Once, before the first byte, and only where the server has the file.
  virtual void begin(const TransferHead& head) = 0;

  virtual void take(std::string_view bytes) = 0;
};

enum class TransferEnd : std::uint8_t {
  kDone,          ///< all the server had to send came
  kCut,           ///< it stopped or is busy: another try can help
  kUnreachable,   ///< no such host, or nobody listens there
  kRangeRefused,  ///< it has nothing from that offset
  kFailed,        ///< another try would end in the same way
};

struct TransferResult {
  TransferEnd end;
  std::string words;  ///< why, for a person, without credentials; empty with kDone
};

/// Gets files over http and https and from file addresses. Thread-safe.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  virtual TransferResult get(const TransferRequest& request, TransferSink& sink) const = 0;
};

}  // namespace facesearch
