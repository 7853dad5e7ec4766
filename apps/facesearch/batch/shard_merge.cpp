// SPDX-License-Identifier: MIT
#include "facesearch/batch/shard_merge.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "facesearch/batch/batch.hpp"
#include "facesearch/contract/responses/batch_lines.hpp"
#include "facesearch/contract/shards/shard_answers.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/error_table.hpp"
#include "facesearch/inputs/line_reader.hpp"
#include "facesearch/stop.hpp"

namespace facesearch::app {
namespace {

using contract::ShardLine;

[[noreturn]] void refuse(const char* reason, std::string detail) {
  throw Error(Cause::kInvalidValue, reason, std::move(detail));
}

// The answers of one shard.
class ShardFile {
 public:
  explicit ShardFile(const std::string& name) : name_(name), lines_(name, '\n', asked_to_stop) {}

  const std::string& name() const { return name_; }

  // The next answer that find() has not returned. None at the end, and once asked to stop.
  std::optional<ShardLine> next() {
    if (ahead_.empty()) return read();
    return parse(take(ahead_.begin()));
  }

  // The answer for an input; for one that comes several times, the first not returned yet.
  std::optional<ShardLine> find(const std::string& input) {
    if (const auto found = ahead_.find(input); found != ahead_.end()) return parse(take(found));
    while (auto line = read()) {
      if (input_of(*line) == input) return line;
      ahead_[*line->input].push_back(std::move(text_));
    }
    return std::nullopt;
  }

  const std::string& input_of(const ShardLine& line) const {
    if (!line.input)
      refuse("SHARD_INVALID", fmt::format("line {} of '{}' has no 'input'", lines_.line(), name_));
    return *line.input;
  }

  // Once all is read: true if its last line is the summary of a batch, and no batch in it ended early.
  bool is_complete() const { return ends_with_summary_ && !ended_early_; }

 private:
  using Ahead = std::map<std::string, std::deque<std::string>>;

  std::string take(Ahead::iterator at) {
    std::string text = std::move(at->second.front());
    at->second.pop_front();
    if (at->second.empty()) ahead_.erase(at);
    return text;
  }

  std::optional<ShardLine> read() {
    while (auto text = lines_.next()) {
      if (text->empty()) continue;
      ShardLine line = parse(*text);
      ends_with_summary_ = line.is_summary;
      ended_early_ = ended_early_ || line.ended_early;
      if (line.is_summary) continue;
      text_ = *std::move(text);
      return line;
    }
    return std::nullopt;
  }

  ShardLine parse(const std::string& text) const {
    try {
      return contract::read_shard_line(text);
    } catch (const Error& error) {
      throw Error(error.cause(), error.reason(),
                  fmt::format("line {} of '{}' {}; merge what `facesearch search --mergeable` wrote",
                              lines_.line(), name_, error.detail()));
    }
  }

  std::string name_;
  LineReader lines_;
  std::string text_;  // of the line that was read last
  Ahead ahead_;       // lines by input: a fraction of the memory that they take when they are read
  bool ends_with_summary_ = false;
  bool ended_early_ = false;
};

using ShardFiles = std::vector<std::unique_ptr<ShardFile>>;

// What the shards answered to one search, the first of them already known.
class Answers {
 public:
  Answers(const ShardFile& file, ShardLine first) { add(file, std::move(first)); }

  void add(const ShardFile& file, ShardLine line) {
    lines_.push_back(std::move(line));
    files_.push_back(file.name());
  }

  contract::MergedAnswer merge(bool mergeable) const {
    std::vector<contract::ShardAnswer> answers;
    for (std::size_t i = 0; i < lines_.size(); ++i) answers.push_back({files_[i], lines_[i].document});
    return contract::merge_answers(answers, mergeable);
  }

 private:
  std::deque<ShardLine> lines_;
  std::vector<std::string> files_;
};

// An error that another process wrote has the exit status that it had there.
ExitStatus status_of(const contract::MergedAnswer& answer, bool fail_if_none) {
  if (!answer.failed) {
    return answer.nobody && fail_if_none ? ExitStatus::kNo : ExitStatus::kSuccess;
  }
  const auto [code, reason] = contract::fault_of(answer.document);
  ExitStatus status = ExitStatus::kRefused;
  for (const ErrorRow& row : error_rows()) {
    if (row.documented.code != code ||
        (row.cause == Cause::kInternal) != (reason == facesearch::reason::kInternal.text()))
      continue;
    status = row.documented.status;
  }
  return status;
}

Outcome merge_single(ShardFiles& files, ShardLine first, const ShardMerge& merge) {
  Answers answers(*files.front(), std::move(first));
  for (const auto& file : files) {
    if (file != files.front()) {
      auto line = file->next();
      if (!line) refuse("SHARD_INCOMPLETE", fmt::format("there is no answer in '{}'", file->name()));
      answers.add(*file, *std::move(line));
    }
    if (file->next()) {
      refuse(
          "SHARD_INVALID",
          fmt::format("'{}' has several answers and no 'input': merge single searches one by one, or batches",
                      file->name()));
    }
  }
  const contract::MergedAnswer answer = answers.merge(merge.mergeable);
  return {answer.document, status_of(answer, merge.fail_if_none)};
}

using Answer = service::BatchAnswer<contract::MergedAnswer>;

Error lacks_answer(const ShardFile& file) {
  return {
      Cause::kInvalidValue, "SHARD_INCOMPLETE",
      fmt::format("'{}' has no answer for this input; search that shard once more, then merge", file.name())};
}

// None once asked to stop: an answer that was not read then is not missing.
std::optional<Answer> merged(ShardFiles& files, ShardLine first, bool mergeable) {
  const std::string input = files.front()->input_of(first);
  Answers answers(*files.front(), std::move(first));
  std::optional<Error> fault;
  for (std::size_t i = 1; i < files.size(); ++i) {
    auto line = files[i]->find(input);
    if (line) {
      answers.add(*files[i], *std::move(line));
    } else if (!fault) {
      fault = lacks_answer(*files[i]);
    }
  }
  if (asked_to_stop()) return std::nullopt;
  if (fault) return Answer{input, *fault};
  try {
    return Answer{input, answers.merge(mergeable)};
  } catch (const Error& error) {
    return Answer{input, error};
  }
}

// Inputs that the first shard has no answer for.
void refuse_the_rest(ShardFiles& files, BatchOutput& output) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    while (const auto line = files[i]->next()) {
      const std::string& input = files[i]->input_of(*line);
      for (std::size_t other = i + 1; other < files.size(); ++other) (void)files[other]->find(input);
      if (asked_to_stop()) return;
      output.answer(std::vector<Answer>{{input, lacks_answer(*files.front())}});
    }
  }
}

void merge_batches(ShardFiles& files, std::optional<ShardLine> first, bool mergeable, BatchOutput& output) {
  for (; first && !asked_to_stop(); first = files.front()->next()) {
    auto answer = merged(files, *std::move(first), mergeable);
    if (!answer) return;
    std::vector<Answer> answers;
    answers.push_back(*std::move(answer));
    output.answer(answers);
  }
  if (!asked_to_stop()) refuse_the_rest(files, output);
  if (asked_to_stop()) return;
  for (const auto& file : files) {
    if (file->is_complete()) continue;
    refuse(
        "SHARD_INCOMPLETE",
        fmt::format("the batch of '{}' ended early: it has no summary, or one that says so; let it go on or "
                    "begin anew, then merge",
                    file->name()));
  }
}

}  // namespace

Outcome merge_shards(const ShardMerge& merge) {
  ShardFiles files;
  for (const std::string& name : merge.files) files.push_back(std::make_unique<ShardFile>(name));
  std::optional<ShardLine> first = files.front()->next();
  if (first && !first->input) return merge_single(files, *std::move(first), merge);
  if (merge.fail_if_none) throw UsageError{"--fail-if-none is for one search; a batch counts 'nobody'"};
  BatchOutput output(Call::kSearch, "merge", merge.options);
  try {
    merge_batches(files, std::move(first), merge.mergeable, output);
  } catch (const Error& error) {
    return output.end(error, {});
  }
  return output.end(std::nullopt, {});
}

}  // namespace facesearch::app
