// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/fetch/transport.hpp"

namespace facesearch::test {

/// Answers as it was told, one answer a request, and remembers the requests. Fails where it was told of no
/// more.
class FakeTransport final : public Transport {
 public:
  using Answer = std::function<TransferResult(const TransferRequest&, TransferSink&)>;

  explicit FakeTransport(std::deque<Answer> answers) : answers_(std::move(answers)) {}

  TransferResult get(const TransferRequest& request, TransferSink& sink) const override {
    asked.push_back(request);
    if (answers_.empty()) throw std::logic_error("one request too many");
    const Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer(request, sink);
  }

  std::vector<std::uint64_t> offsets() const {
    std::vector<std::uint64_t> offsets;
    for (const TransferRequest& request : asked) offsets.push_back(request.offset);
    return offsets;
  }

  std::size_t unused() const { return answers_.size(); }

  mutable std::vector<TransferRequest> asked;

 private:
  mutable std::deque<Answer> answers_;
};

/// How a server sends a file. Each returns itself, changed.
struct Sends {
  std::string bytes;
  std::size_t until = std::string::npos;  ///< where the connection ends
  TransferEnd end = TransferEnd::kDone;
  bool says_total = true;
  bool honours_offset = true;
  std::string version = {};

  Sends cut_at(std::size_t at) const {
    Sends changed = *this;
    changed.until = at;
    changed.end = TransferEnd::kCut;
    return changed;
  }
  Sends without_total() const {
    Sends changed = *this;
    changed.says_total = false;
    return changed;
  }
  Sends from_the_start() const {
    Sends changed = *this;
    changed.honours_offset = false;
    return changed;
  }
  Sends of_version(std::string tag) const {
    Sends changed = *this;
    changed.version = std::move(tag);
    return changed;
  }

  TransferResult operator()(const TransferRequest& request, TransferSink& sink) const {
    const std::uint64_t offset = honours_offset ? request.offset : 0;
    sink.begin({offset, says_total ? std::optional(std::uint64_t{bytes.size()}) : std::nullopt, version});
    const std::size_t stop = std::min(until, bytes.size());
    for (std::size_t at = offset; at < stop; at += kPiece) {
      sink.take(std::string_view(bytes).substr(at, std::min(kPiece, stop - at)));
    }
    return {end, end == TransferEnd::kDone ? "" : "the line was cut"};
  }

  static constexpr std::size_t kPiece = 100;
};

/// An answer without a file.
inline FakeTransport::Answer ends(TransferEnd end, std::string words) {
  return [end, words](const TransferRequest& /*request*/, TransferSink& /*sink*/) {
    return TransferResult{end, words};
  };
}

}  // namespace facesearch::test
