// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "facesearch/fetch/fetch.hpp"
#include "facesearch/fetch/partial_file.hpp"

namespace facesearch {

/// Why an address is given up: a reason of docs/errors.md, and words for a person.
struct Refusal {
  std::string reason;
  std::string words;
};

/// What one answer brings: written to the file as it comes, and stopped as soon as it cannot be what is
/// wanted.
class Body final : public TransferSink {
 public:
  /// `seen` is the head of an earlier answer of the same address, if there was one.
  Body(PartialFile& file, const WantedFile& wanted, const FetchOptions& options,
       const std::optional<TransferHead>& seen)
      : file_(file), wanted_(wanted), options_(options), seen_(seen) {}

  /// Thrown by take() and begin() where nothing more of this answer is wanted.
  struct Stop {};

  void begin(const TransferHead& head) override;
  void take(std::string_view bytes) override;

  const std::optional<TransferHead>& head() const { return head_; }

  /// The file is another one than that of the earlier answer.
  bool changed() const { return changed_; }

  /// Why the answer is refused for its size.
  std::optional<Refusal> refusal() const;

 private:
  PartialFile& file_;
  const WantedFile& wanted_;
  const FetchOptions& options_;
  const std::optional<TransferHead>& seen_;
  std::optional<TransferHead> head_;
  bool changed_ = false;
  std::string wrong_size_;  // in words; empty while it is not
  std::string start_;       // of a body of the wrong size
};

/// How many bytes may come at most.
std::uint64_t limit_of(const WantedFile& wanted, const FetchOptions& options);

/// What the start of wrong bytes tells: a Git LFS pointer, or a web page, which keeps the reason of `as_is`.
/// Nothing where it tells nothing.
std::optional<Refusal> told_by_start(std::string_view start, const Refusal& as_is);

/// How much of a body told_by_start() looks at.
inline constexpr std::size_t kTellingStart = 512;

bool is_lfs_pointer(std::string_view start);

}  // namespace facesearch
