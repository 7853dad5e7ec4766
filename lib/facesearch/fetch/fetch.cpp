// SPDX-License-Identifier: MIT
// Downloads one file. For each address: GET from where the partial file ends; after a cut, retry with
// backoff; after a refused range or a changed file, start over once; then check size and SHA-256. The first
// good file is renamed into place.
#include "facesearch/fetch/fetch.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/fetch/address.hpp"
#include "facesearch/fetch/body.hpp"
#include "facesearch/fetch/partial_file.hpp"

namespace facesearch {
namespace {

constexpr std::uint64_t kProgressBytes = 1U << 20U;  // a try that adds so much is not counted
constexpr std::chrono::milliseconds kMaxPause{30'000};

/// Counts the tries of one address and waits between them (exponential backoff).
class Tries {
 public:
  Tries(const FetchOptions& options, std::uint64_t size)
      : options_(options), pause_(options.first_pause), furthest_(size) {}

  /// Call it after a failed try, with the size of the partial file. Waits, or throws a Refusal after the last
  /// try.
  void next(const std::string& why, std::uint64_t size) {
    // A long download over a bad line is cut many times: only tries without progress count.
    if (size >= furthest_ + kProgressBytes) {
      failed_ = 0;
      pause_ = options_.first_pause;
    }
    furthest_ = std::max(furthest_, size);
    if (++failed_ >= options_.tries) {
      throw Refusal{"DOWNLOAD_FAILED", fmt::format("{} (tries: {})", why, failed_)};
    }
    if (options_.trying_again) options_.trying_again(why, pause_);
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(2 * pause_, kMaxPause);
  }

 private:
  const FetchOptions& options_;
  std::chrono::milliseconds pause_;
  std::uint64_t furthest_;
  int failed_ = 0;
};

class Download {
 public:
  Download(const Transport& transport, const WantedFile& wanted, const FetchOptions& options,
           PartialFile& file)
      : transport_(transport), wanted_(wanted), options_(options), file_(file) {}

  /// True if an earlier call left the whole file.
  bool is_there() const { return file_.size() > 0 && wanted_.sha256 && file_.sha256() == *wanted_.sha256; }

  /// Downloads until the file is whole. Throws a Refusal if this address is given up.
  void from(const std::string& url);

 private:
  enum class Verdict { kWhole, kAgain, kAnew };

  TransferResult get(const std::string& url, Body& body);
  Verdict judge(const Body& body, TransferResult& result) const;

  const Transport& transport_;
  const WantedFile& wanted_;
  const FetchOptions& options_;
  PartialFile& file_;
  std::optional<TransferHead> seen_;  // of the last answer of this address
};

TransferResult Download::get(const std::string& url, Body& body) {
  // With a known checksum, no ETag is needed to notice another version.
  const std::string version = seen_ && !wanted_.sha256 ? seen_->version : "";
  try {
    TransferResult result = transport_.get({url, file_.size(), version, options_.stall}, body);
    result.words = printable(result.words);
    return result;
  } catch (const Body::Stop&) {
    return {TransferEnd::kDone, ""};
  }
}

Download::Verdict Download::judge(const Body& body, TransferResult& result) const {
  if (auto refusal = body.refusal()) throw *std::move(refusal);
  if (result.end == TransferEnd::kRangeRefused || body.changed()) return Verdict::kAnew;
  if (result.end != TransferEnd::kDone) return Verdict::kAgain;
  const std::uint64_t size = file_.size();
  if (size == 0) throw Refusal{"MODEL_FILE_SIZE", "it is empty"};
  const std::string start = file_.start(kTellingStart);
  const auto expected = wanted_.bytes ? wanted_.bytes : body.head()->total;
  if (expected && size < *expected) {
    const Refusal small{"MODEL_FILE_SIZE", fmt::format("it has {} bytes, and not {}", size, *expected)};
    if (auto told = told_by_start(start, small)) throw *std::move(told);
    result = {TransferEnd::kCut, fmt::format("the connection ended after {} of {} bytes", size, *expected)};
    return Verdict::kAgain;
  }
  const std::string sum = file_.sha256();
  if (wanted_.sha256 && sum != *wanted_.sha256) {
    if (body.head()->offset > 0) return Verdict::kAnew;  // the bytes from earlier may be wrong
    const Refusal wrong{"MODEL_FILE_CHECKSUM",
                        fmt::format("its SHA-256 is {}, and not {}", sum, *wanted_.sha256)};
    throw told_by_start(start, wrong).value_or(wrong);
  }
  if (!wanted_.sha256 && is_lfs_pointer(start)) throw *told_by_start(start, {});
  return Verdict::kWhole;
}

void Download::from(const std::string& url) {
  if (scheme_of(url) == Scheme::kNone) {
    throw Refusal{"DOWNLOAD_FAILED", "only http, https and file addresses are fetched"};
  }
  seen_.reset();
  if (!wanted_.sha256 && file_.size() > 0) file_.empty();  // another address may have another version
  const std::uint64_t before = file_.size();
  Tries tries(options_, before);
  bool anew = false;
  for (;;) {
    Body body(file_, wanted_, options_, seen_);
    const bool resumed = file_.size() > 0;
    TransferResult result = get(url, body);
    switch (judge(body, result)) {
      case Verdict::kWhole:
        return;
      case Verdict::kAnew:
        if (anew || !resumed) {
          throw Refusal{"DOWNLOAD_FAILED",
                        result.words.empty() ? "every answer is another file" : result.words};
        }
        anew = true;
        seen_.reset();
        file_.empty();
        continue;
      case Verdict::kAgain:
        break;
    }
    if (body.head()) seen_ = body.head();
    // An unreachable server is rarely back within seconds, but a connection that was just cut is.
    const bool hopeless = result.end == TransferEnd::kUnreachable && !seen_;
    if (result.end == TransferEnd::kFailed || hopeless) throw Refusal{"DOWNLOAD_FAILED", result.words};
    tries.next(result.words, file_.size());
  }
}

// Tries the addresses in order; returns the index of the first that has the file. Throws an Error that names
// all.
std::size_t from_any(Download& download, const WantedFile& wanted, PartialFile& file,
                     const std::string& name) {
  std::string reason = "DOWNLOAD_FAILED";
  std::string told;
  for (std::size_t i = 0; i < wanted.urls.size(); ++i) {
    try {
      download.from(wanted.urls[i]);
      return i;
    } catch (const Refusal& refusal) {
      // Resume a cut download, never a wrong one.
      if (refusal.reason != "DOWNLOAD_FAILED" && file.size() > 0) file.empty();
      reason = refusal.reason;
      told += fmt::format("; {}: {}", public_address(wanted.urls[i]), refusal.words);
    }
  }
  if (told.empty()) told = "; no address of it is known";
  throw Error(Cause::kModelMissing, reason, fmt::format("{} cannot be fetched{}", name, told));
}

}  // namespace

FetchedFile fetch_file(const Transport& transport, const WantedFile& wanted,
                       const std::filesystem::path& path, const std::filesystem::path& partial,
                       const FetchOptions& options) {
  const std::string name = path.filename().string();
  if (wanted.bytes && *wanted.bytes > options.max_bytes) {
    throw Error(
        Cause::kModelMissing, "MODEL_FILE_SIZE",
        fmt::format("{} has {} bytes; at most {} are fetched", name, *wanted.bytes, options.max_bytes));
  }
  PartialFile file(partial, wanted.sha256 ? limit_of(wanted, options) : 0);
  try {
    Download download(transport, wanted, options, file);
    std::string address;
    if (!download.is_there()) {
      // It has the right size and a wrong checksum: start over.
      if (wanted.bytes && file.size() == *wanted.bytes) file.empty();
      address = public_address(wanted.urls.at(from_any(download, wanted, file, name)));
    }
    file.put_in_place(path, options.rights);
    return {file.size(), file.sha256(), address};
  } catch (const Error& error) {
    if (!wanted.sha256 || file.size() == 0 || error.cause() != Cause::kModelMissing) file.remove();
    throw;
  } catch (...) {
    if (!wanted.sha256 || file.size() == 0) file.remove();
    throw;
  }
}

}  // namespace facesearch
