// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "facesearch/fetch/fetch.hpp"
#include "facesearch/fetch/partial_file.hpp"

namespace facesearch {

/// Why an address is given up: a reason of docs/errors.md, and a text.
struct Refusal {
  std::string reason;
  std::string words;
};

/// The body of one answer: writes it to the file as it comes, and stops as soon as it cannot be the wanted
/// file.
class Body final : public TransferSink {
 public:
  /// `seen`: the head of an earlier answer of this address, if any.
  Body(PartialFile& file, const WantedFile& wanted, const FetchOptions& options,
       const std::optional<TransferHead>& seen)
      : file_(file), wanted_(wanted), options_(options), seen_(seen) {}

  /// Thrown by begin() and take() to end the transfer.
  struct Stop {};

  void begin(const TransferHead& head) override;
  void take(std::string_view bytes) override;

  const std::optional<TransferHead>& head() const { return head_; }

  /// True if the file has changed since the earlier answer.
  bool changed() const { return changed_; }

  /// Set if the size is wrong.
  std::optional<Refusal> refusal() const;

 private:
  PartialFile& file_;
  const WantedFile& wanted_;
  const FetchOptions& options_;
  const std::optional<TransferHead>& seen_;
  std::optional<TransferHead> head_;
  bool changed_ = false;
  std::string wrong_size_;  // why; empty: the size is right so far
  std::string start_;       // of a body of the wrong size
};

/// The largest size that is accepted.
std::uint64_t limit_of(const WantedFile& wanted, const FetchOptions& options);

/// A better refusal by the first bytes of a wrong file: a Git LFS pointer, or a web page (with the reason of
/// `as_is`). None for any other.
std::optional<Refusal> told_by_start(std::string_view start, const Refusal& as_is);

/// How many bytes told_by_start() needs.
inline constexpr std::size_t kTellingStart = 512;

bool is_lfs_pointer(std::string_view start);
bool is_web_page(std::string_view start);

}  // namespace facesearch
