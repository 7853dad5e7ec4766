// SPDX-License-Identifier: MIT
#include "facesearch/inputs/line_reader.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/inputs/read_input.hpp"

namespace facesearch::app {

LineReader::LineReader(std::string path, char end, std::function<bool()> stopped)
    : path_(std::move(path)), end_(end), stopped_(std::move(stopped)) {
  file_ = FileDescriptor(path_ == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                      : open_file(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (file_.get() < 0) throw_unreadable(path_, errno);
}

std::optional<std::string> LineReader::next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find(end_, searched);
    if (end != std::string::npos || (ended_ && begin_ < buffer_.size())) {
      std::string line = buffer_.substr(begin_, end == std::string::npos ? end : end - begin_);
      begin_ = end == std::string::npos ? buffer_.size() : end + 1;
      ++line_;
      if (line_ == 1) check_start(line);
      check(line);
      if (end_ == '\n' && line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (ended_) return std::nullopt;
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > kMaxRequestBytes) {
      throw Error(Cause::kInvalidValue, "LIST_INVALID",
                  fmt::format("line {} of {} has more than {} bytes", line_ + 1, shown_input(path_),
                              kMaxRequestBytes));
    }
    if (!read_more()) return std::nullopt;
  }
}

// Editors on Windows write marks before the text.
void LineReader::check_start(std::string& line) const {
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    throw Error(Cause::kInvalidValue, "LIST_INVALID",
                fmt::format("{} is UTF-16; write it as UTF-8, for example with iconv -f UTF-16 -t UTF-8",
                            shown_input(path_)));
  }
}

void LineReader::check(const std::string& line) const {
  if (end_ == '\0' || line.find('\0') == std::string::npos) return;
  throw Error(
      Cause::kInvalidValue, "LIST_INVALID",
      fmt::format(
          "line {} of {} has a NUL byte: write UTF-16 as UTF-8, and give -0 with a --list whose paths end "
          "with NUL, as from find -print0",
          line_, shown_input(path_)));
}

// Polls, so that a stop ends the wait. False once stopped.
bool LineReader::read_more() {
  constexpr int kPollMs = 100;
  std::array<char, 1U << 16U> bytes{};
  for (;;) {
    if (stopped_()) return false;
    pollfd ready{file_.get(), POLLIN, 0};
    const int found = ::poll(&ready, 1, kPollMs);
    if (found == 0 || (found < 0 && errno == EINTR)) continue;
    const ssize_t got = ::read(file_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_unreadable(path_, errno);
    ended_ = got == 0;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
}

}  // namespace facesearch::app
