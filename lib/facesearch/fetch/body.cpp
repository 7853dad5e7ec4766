// SPDX-License-Identifier: MIT
#include "facesearch/fetch/body.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace facesearch {

std::uint64_t limit_of(const WantedFile& wanted, const FetchOptions& options) {
  return wanted.bytes.value_or(options.max_bytes);
}

bool is_lfs_pointer(std::string_view start) {
  return start.starts_with("version https://git-lfs.github.com/spec/v1");
}

bool is_web_page(std::string_view start) {
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);  // byte order mark
  start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n\f"), start.size()));
  const auto begins = [&](std::string_view tag) {
    return std::ranges::equal(start.substr(0, tag.size()), tag,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 32 : a) == b; });
  };
  return begins("<!doctype html") || begins("<html");
}

std::optional<Refusal> told_by_start(std::string_view start, const Refusal& as_is) {
  if (is_lfs_pointer(start)) {
    return Refusal{
        "LFS_POINTER",
        "it is a Git LFS pointer and not the file it stands for; use the address of the file itself (of "
        "GitHub https://media.githubusercontent.com/media/OWNER/REPOSITORY/BRANCH/PATH), or 'git lfs pull' "
        "in a clone"};
  }
  if (is_web_page(start)) {
    return Refusal{as_is.reason, "the answer is a web page and not the file: " + as_is.words};
  }
  return std::nullopt;
}

void Body::begin(const TransferHead& head) {
  head_ = head;
  if (head.total && *head.total == 0) {
    wrong_size_ = "it is empty";
  } else if (head.total && wanted_.bytes && *head.total != *wanted_.bytes) {
    wrong_size_ = fmt::format("it has {} bytes, and not {}", *head.total, *wanted_.bytes);
  } else if (head.total && *head.total > options_.max_bytes) {
    wrong_size_ = fmt::format("it has {} bytes; at most {} are fetched", *head.total, options_.max_bytes);
  }
  if (!wrong_size_.empty()) return;  // write nothing, but read the start: it may tell why
  if (head.offset > 0 && seen_ && seen_->total && head.total && *seen_->total != *head.total) {
    changed_ = true;
    throw Stop{};
  }
  if (head.offset != file_.size()) file_.empty();  // the server starts over
}

void Body::take(std::string_view bytes) {
  const std::uint64_t limit = limit_of(wanted_, options_);
  if (wrong_size_.empty() && bytes.size() > limit - file_.size()) {
    wrong_size_ = fmt::format("it has more than {} bytes", limit);
    start_ = file_.start(kTellingStart);
  }
  if (!wrong_size_.empty()) {
    start_ += bytes.substr(0, kTellingStart - std::min(start_.size(), kTellingStart));
    // Read as much as told_by_start() needs, if the head announced the wrong size.
    if (start_.size() >= kTellingStart || !head_->total) throw Stop{};
    return;
  }
  file_.append(bytes);
  if (options_.progress) options_.progress(file_.size(), wanted_.bytes ? wanted_.bytes : head_->total);
}

std::optional<Refusal> Body::refusal() const {
  if (wrong_size_.empty()) return std::nullopt;
  const Refusal as_is{"MODEL_FILE_SIZE", wrong_size_};
  return told_by_start(start_, as_is).value_or(as_is);
}

}  // namespace facesearch
