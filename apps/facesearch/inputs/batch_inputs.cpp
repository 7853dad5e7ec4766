// SPDX-License-Identifier: MIT
// Lists the inputs of a batch: named files and folders, then --list, then --manifest; keeps those of
// --retry-failed and
// --shard. Asks the kernel to read the next files ahead. Reads no picture itself.
#include "facesearch/inputs/batch_inputs.hpp"

#include <fcntl.h>

#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "facesearch/contract/responses/batch_lines.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/outcome.hpp"
#include "facesearch/stop.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadAhead = 8;  // pictures that the kernel is asked to read in advance

// `i/n`, 1 ≤ i ≤ n.
std::pair<std::uint64_t, std::uint64_t> part_of(const std::string& text) {
  std::uint64_t part = 0;
  std::uint64_t parts = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, part);
  if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '/') {
    const auto second = std::from_chars(first.ptr + 1, end, parts);
    if (second.ec == std::errc{} && second.ptr == end && part >= 1 && part <= parts) return {part - 1, parts};
  }
  throw UsageError{"--shard: '" + text +
                   "' is not I/N with I from 1 to N; for example '2/8' is the second of 8 parts"};
}

std::uint64_t number_of(const std::string& text) {
  const Sha256 digest = sha256(text);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) number = number << 8U | digest.at(i);
  return number;
}

void read_ahead(const std::string& file) {
  const FileDescriptor descriptor(open_file(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() >= 0) (void)::posix_fadvise(descriptor.get(), 0, 0, POSIX_FADV_WILLNEED);
}

}  // namespace

void BatchOptions::add_to(CLI::App& command, bool enrols) {
  command.add_option("PATH", paths, "Many inputs: pictures, and folders with all files below")->type_name("");
  command.add_option("--list", list, "Paths, one per line (-: standard input)")->type_name("FILE");
  command.add_flag("-0,--null", ends_with_nul, "Paths in --list end with NUL, as from find -print0");
  command
      .add_option("--manifest", manifest,
                  "CSV or JSON Lines: requests, or paths and names (-: standard input)")
      ->type_name("FILE");
  command.add_option("--retry-failed", retry, "Only the inputs that failed in this earlier output")
      ->type_name("FILE");
  rules.add_to(command);
  command
      .add_option("--name-from", name_from,
                  "Name from the path: '{parent}', '{stem}', or an RE2 expression with groups")
      ->check(not_empty())
      ->type_name("RULE");
  if (enrols) {
    command.add_flag("--one-person-per-name", one_person_per_name,
                     "Pictures with the same name are of one person");
  }
  command.add_option("--shard", shard, "Only part I of N, for work on N machines")->type_name("I/N");
  command.add_flag("--unordered", unordered, "Answers in the order they are ready, not of the inputs");
  command.add_option("--threads", threads, "Threads (one a processor that this process may use)")
      ->check(whole_number(1, 1024))
      ->type_name("N");
}

BatchInputs::BatchInputs(const BatchOptions& options, contract::RawRequest base, std::string name)
    : options_(options), maker_(std::move(base), std::move(name), options.name_from), paths_(options.paths) {
  if (!options.shard.empty()) std::tie(part_, parts_) = part_of(options.shard);
  if (options.list == "-" && options.manifest == "-") {
    throw UsageError{"--list and --manifest cannot both be - (standard input)"};
  }
  if (!options.retry.empty()) read_failed();
  const auto stopped = [this] { return this->stopped(); };
  if (!options.list.empty()) {
    list_ = std::make_unique<LineReader>(options.list, options.ends_with_nul ? '\0' : '\n', stopped);
  }
  if (!options.manifest.empty()) table_ = std::make_unique<InputTable>(options.manifest, stopped);
}

bool BatchInputs::stopped() const {
  return cancelled_ || asked_to_stop();
}

// Without other inputs, the failed ones are the inputs; else they filter the others.
void BatchInputs::read_failed() {
  const bool alone = paths_.empty() && options_.list.empty() && options_.manifest.empty();
  LineReader lines(options_.retry, '\n', [this] { return stopped(); });
  std::set<std::string> failed;
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    std::optional<std::string> input;
    try {
      input = contract::failed_input(*line);
    } catch (const Error& error) {
      throw Error(error.cause(), error.reason(),
                  fmt::format("line {} of '{}' {}; name the output of an earlier batch", lines.line(),
                              options_.retry, error.detail()));
    }
    if (input && failed.insert(*input).second && alone) paths_.push_back(*input);
  }
  if (!alone) failed_ = std::move(failed);
}

std::optional<BatchItem> BatchInputs::next() {
  while (!stopped() && ahead_.size() < kReadAhead) {
    // A pipe may be slow: do not hold back inputs that are here already.
    if (!ahead_.empty() && (list_ || table_)) break;
    auto item = next_item();
    if (!item) break;
    if (!is_wanted(*item)) continue;
    if (!item->file.empty() && !list_ && !table_) read_ahead(item->file);
    ahead_.push_back(*std::move(item));
  }
  if (stopped() || ahead_.empty()) return std::nullopt;
  BatchItem item = std::move(ahead_.front());
  ahead_.pop_front();
  return item;
}

contract::RawRequest BatchInputs::read(BatchItem item) const {
  if (!item.json.empty()) {
    item.raw = contract::parse_request(item.json);
    maker_.complete(item);
  }
  return read_item(std::move(item));
}

std::optional<BatchItem> BatchInputs::next_item() {
  if (auto item = next_of_paths()) return item;
  while (list_) {
    const auto line = list_->next();
    if (!line) break;
    if (!line->empty()) return maker_.item_of_file(*line);
  }
  if (table_) {
    const bool all_wanted = !failed_ && parts_ == 1;
    if (auto row = table_->next(all_wanted)) return item_of_row(*std::move(row));
  }
  return std::nullopt;
}

std::optional<BatchItem> BatchInputs::next_of_paths() {
  for (;;) {
    if (walk_) {
      if (const auto found = walk_->next()) {
        if (!found->fault) return maker_.item_of_file(found->file.string());
        return item_of_unreadable(*found);
      }
      passed_over_ += walk_->passed_over();
      walk_.reset();
    }
    if (next_path_ == paths_.size()) return std::nullopt;
    const std::string& path = paths_[next_path_++];
    std::error_code failed;
    if (!fs::is_directory(path, failed)) return maker_.item_of_file(path);
    walk_.emplace(path, options_.rules);
  }
}

BatchItem BatchInputs::item_of_row(TableRow row) const {
  BatchItem item;
  item.file = std::move(row.path);
  item.input = !row.input.empty()   ? std::move(row.input)
               : !item.file.empty() ? item.file
                                    : fmt::format("line {}", row.line);
  item.json = std::move(row.json);
  if (!item.json.empty()) return item;
  item.raw = std::move(row.raw);
  item.fault = std::move(row.fault);
  const bool both = !item.file.empty() &&
                    (!text_of(item.raw, "faceImage").empty() || !text_of(item.raw, "template").empty());
  if (both && !item.fault) {
    item.fault = Error(Cause::kInvalidValue, "PICTURE_AND_TEMPLATE",
                       "the row has a path and also faceImage or template; leave one out");
  }
  maker_.complete(item);
  return item;
}

bool BatchInputs::is_wanted(const BatchItem& item) const {
  if (failed_ && !failed_->contains(contract::input_as_written(item.input))) return false;
  if (parts_ == 1) return true;
  // All pictures of one person belong to one part.
  const std::string name = options_.one_person_per_name ? text_of(item.raw, maker_.name()) : "";
  return number_of(name.empty() ? item.input : composed(name)) % parts_ == part_;
}

PassedOver BatchInputs::passed_over() const {
  PassedOver all = passed_over_;
  if (walk_) all += walk_->passed_over();
  return all;
}

std::optional<std::uint64_t> BatchInputs::count() const {
  if (list_ || table_ || failed_ || parts_ > 1) return std::nullopt;
  std::uint64_t count = 0;
  for (const std::string& path : paths_) {
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
      ++count;
      continue;
    }
    FolderWalk walk(path, options_.rules);
    while (!stopped() && walk.next()) ++count;
  }
  return count;
}

}  // namespace facesearch::app
