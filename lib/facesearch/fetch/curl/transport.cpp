// SPDX-License-Identifier: MIT
// One GET through libcurl. libcurl follows redirects, connects, times out and checks certificates; this file
// sets its options, tells the sink what comes, and translates libcurl's result. It retries nothing: fetch.cpp
// does.
#include "facesearch/fetch/transport.hpp"

#include <array>
#include <charconv>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>

#include <curl/curl.h>
#include <fmt/format.h>

#include "facesearch/fetch/address.hpp"

namespace {

using namespace facesearch;

constexpr long kMaxRedirects = 10;
constexpr std::uint64_t kMaxIgnoredBytes = 1U << 16U;  // of the page that comes with an error status
constexpr const char* kUserAgent = "facesearch/" FACESEARCH_VERSION;

template <auto Function>
struct Call {
  template <class Object>
  void operator()(Object* object) const {
    Function(object);
  }
};
using Easy = std::unique_ptr<CURL, Call<curl_easy_cleanup>>;
using Fields = std::unique_ptr<curl_slist, Call<curl_slist_free_all>>;

/// libcurl does not accept an option. Without it the transfer might do what it must not: nothing is sent.
struct OptionRefused {
  std::string words;
};

class Exchange {
 public:
  Exchange(CURL* easy, const TransferRequest& request, TransferSink& sink)
      : easy_(easy), request_(request), sink_(sink) {}

  /// Throws OptionRefused, and what the sink throws.
  TransferResult run();

 private:
  void set_up();
  template <class Value>
  void set(CURLoption option, Value value);
  TransferResult result_of(CURLcode code);
  TransferResult result_of_status() const;
  std::string words_of(CURLcode code) const;
  long status() const;
  bool has_file() const;
  bool is_file_address() const { return scheme_of(request_.url) == Scheme::kFile; }
  std::string field(const char* name) const;
  std::string effective_url() const;
  void begin();
  void take(std::string_view bytes);

  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self);
  static std::size_t on_field(char* data, std::size_t one, std::size_t size, void* self);

  CURL* easy_;
  const TransferRequest& request_;
  TransferSink& sink_;
  Fields fields_;
  std::array<char, CURL_ERROR_SIZE> words_{};
  std::exception_ptr thrown_;  // in a callback
  std::uint64_t ignored_ = 0;
  bool begun_ = false;
  bool other_range_ = false;
};

template <class Value>
void Exchange::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy_, option, value);
  if (code == CURLE_OK) return;
  const curl_easyoption* known = curl_easy_option_by_id(option);
  throw OptionRefused{fmt::format("libcurl refuses its option {}: {}",
                                  known == nullptr ? std::to_string(option) : known->name,
                                  curl_easy_strerror(code))};
}

void Exchange::set_up() {
  set(CURLOPT_URL, request_.url.c_str());
  // An https address never leads to one without encryption, a network address never to a file.
  const Scheme scheme = scheme_of(request_.url);
  set(CURLOPT_PROTOCOLS_STR, scheme == Scheme::kFile    ? "file"
                             : scheme == Scheme::kHttps ? "https"
                                                        : "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, scheme == Scheme::kHttp ? "http,https" : "https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kMaxRedirects);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, kUserAgent);
  const auto stall_s = static_cast<long>(request_.stall.count());
  set(CURLOPT_CONNECTTIMEOUT, stall_s);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second
  set(CURLOPT_LOW_SPEED_TIME, stall_s);
  set(CURLOPT_ERRORBUFFER, words_.data());
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, on_field);
  set(CURLOPT_HEADERDATA, this);
  if (request_.offset == 0) return;
  // Not CURLOPT_RESUME_FROM: that ends with an error where a server sends the whole file instead.
  set(CURLOPT_RANGE, fmt::format("{}-", request_.offset).c_str());
  if (request_.version.empty()) return;
  fields_.reset(curl_slist_append(nullptr, ("If-Range: " + request_.version).c_str()));
  set(CURLOPT_HTTPHEADER, fields_.get());
}

TransferResult Exchange::run() {
  set_up();
  const CURLcode code = curl_easy_perform(easy_);
  if (thrown_) std::rethrow_exception(thrown_);
  TransferResult result = result_of(code);
  if (result.end == TransferEnd::kDone && !begun_) sink_.begin({0, 0, ""});  // an empty file
  return result;
}

TransferResult Exchange::result_of(CURLcode code) {
  if (other_range_) return {TransferEnd::kRangeRefused, "the server sends other bytes than those asked for"};
  if (code == CURLE_TOO_MANY_REDIRECTS) {
    return {TransferEnd::kFailed, fmt::format("it redirects more than {} times", kMaxRedirects)};
  }
  if (code == CURLE_UNSUPPORTED_PROTOCOL && status() != 0) {
    return {TransferEnd::kFailed,
            fmt::format("it redirects to {}, which is not followed", public_address(effective_url()))};
  }
  // Report a status even if its page was too long, or cut.
  if (!is_file_address() && status() != 0 && !has_file()) return result_of_status();
  switch (code) {
    case CURLE_OK:
      return {TransferEnd::kDone, ""};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return {TransferEnd::kUnreachable, words_of(code)};
    case CURLE_BAD_DOWNLOAD_RESUME:
    case CURLE_RANGE_ERROR:
      return {TransferEnd::kRangeRefused, words_of(code)};
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {TransferEnd::kCut, words_of(code)};
    default:
      return {TransferEnd::kFailed, words_of(code)};
  }
}

TransferResult Exchange::result_of_status() const {
  constexpr long kTimeout = 408;
  constexpr long kRange = 416;
  constexpr long kTooMany = 429;
  constexpr long kServer = 500;
  const long code = status();
  const std::string words = fmt::format("the server answers with status {}", code);
  if (code == kRange) return {TransferEnd::kRangeRefused, words};
  const bool passing = code == kTimeout || code == kTooMany || code >= kServer;
  return {passing ? TransferEnd::kCut : TransferEnd::kFailed, words};
}

std::string Exchange::words_of(CURLcode code) const {
  if (code == CURLE_OPERATION_TIMEDOUT) return fmt::format("nothing came for {} s", request_.stall.count());
  const std::string_view words = words_.data();
  // Some texts quote the address of a proxy, which may have a password.
  const bool quotes =
      words.find('@') != std::string_view::npos || words.find("://") != std::string_view::npos;
  return words.empty() || quotes ? curl_easy_strerror(code) : std::string(words);
}

std::string Exchange::effective_url() const {
  const char* url = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_EFFECTIVE_URL, &url);
  return url == nullptr ? "" : url;
}

long Exchange::status() const {
  long code = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

bool Exchange::has_file() const {
  constexpr long kAll = 200;
  constexpr long kPart = 206;
  return is_file_address() || status() == kAll || status() == kPart;
}

std::string Exchange::field(const char* name) const {
  curl_header* found = nullptr;
  if (curl_easy_header(easy_, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return "";
  return found->value;
}

// Reads "bytes 100-199/200" and "bytes 100-199/*".
bool read_range(std::string_view text, std::uint64_t& start, std::optional<std::uint64_t>& total) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return false;
  text.remove_prefix(kUnit.size());
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, start).ec != std::errc{}) return false;
  const std::size_t slash = text.find('/');
  std::uint64_t size = 0;
  if (slash != std::string_view::npos &&
      std::from_chars(text.data() + slash + 1, end, size).ec == std::errc{}) {
    total = size;
  }
  return true;
}

void Exchange::begin() {
  begun_ = true;
  TransferHead head{0, std::nullopt, ""};
  curl_off_t length = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  const bool file = is_file_address();
  constexpr long kPart = 206;
  if (file) head.offset = request_.offset;
  if (!file && status() == kPart) {
    if (!read_range(field("Content-Range"), head.offset, head.total) || head.offset != request_.offset) {
      other_range_ = true;
      return;
    }
  }
  if (!head.total && length >= 0) head.total = head.offset + static_cast<std::uint64_t>(length);
  if (const std::string tag = field("ETag"); tag.starts_with('"')) head.version = tag;  // W/"…" is a weak one
  sink_.begin(head);
}

void Exchange::take(std::string_view bytes) {
  if (!begun_) begin();
  if (!other_range_) sink_.take(bytes);
}

std::size_t Exchange::on_body(char* data, std::size_t /*one*/, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  if (!exchange.has_file()) {
    exchange.ignored_ += size;
    return exchange.ignored_ > kMaxIgnoredBytes ? CURL_WRITEFUNC_ERROR : size;
  }
  try {  // an exception must not cross the frames of a C library
    exchange.take({data, size});
  } catch (...) {
    exchange.thrown_ = std::current_exception();
  }
  return exchange.thrown_ || exchange.other_range_ ? CURL_WRITEFUNC_ERROR : size;
}

// From the first https address of a chain of redirects on only https is followed.
std::size_t Exchange::on_field(char* /*data*/, std::size_t /*one*/, std::size_t size, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  try {
    if (scheme_of(exchange.effective_url()) == Scheme::kHttps)
      exchange.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  } catch (...) {
    exchange.thrown_ = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

// True if a file address names something else than a regular file: libcurl would wait for a writer of a pipe.
bool is_no_file(const std::string& url) {
  if (scheme_of(url) != Scheme::kFile) return false;
  const std::unique_ptr<CURLU, Call<curl_url_cleanup>> parts(curl_url());
  char* path = nullptr;
  if (parts == nullptr || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parts.get(), CURLUPART_PATH, &path, CURLU_URLDECODE) != CURLUE_OK) {
    return false;
  }
  const std::unique_ptr<char, Call<curl_free>> owned(path);
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

class CurlTransport final : public Transport {
 public:
  TransferResult get(const TransferRequest& request, TransferSink& sink) const override {
    if (is_no_file(request.url)) return {TransferEnd::kFailed, "it is not a regular file"};
    const Easy easy(curl_easy_init());
    if (easy == nullptr) return {TransferEnd::kFailed, "libcurl cannot be started"};
    try {
      return Exchange(easy.get(), request, sink).run();
    } catch (const OptionRefused& refused) {
      return {TransferEnd::kFailed, refused.words};
    }
  }
};

}  // namespace

// The symbol that kTransportSymbol (fetch/transport_module.hpp) names.
extern "C" __attribute__((visibility("default"))) const facesearch::Transport* facesearch_transport_v1() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);  // for the process, and never ended
  (void)started;
  static const CurlTransport transport;
  return &transport;
}
