// SPDX-License-Identifier: MIT
#include "facesearch/batch/batch.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/output/key_mask.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/output/presentation.hpp"
#include "facesearch/stop.hpp"

namespace facesearch::app {
namespace {

// True if the face is enrolled with another name, person or metadata.
bool asks_for_something_else(const service::EnrollResult& result) {
  return std::ranges::any_of(
      result.warnings, [](const service::Warning& warning) { return warning.reason.ends_with("_DIFFERS"); });
}

// "2 excluded by --exclude": what was passed over for a reason, for people.
std::string passed_text(std::string_view reason, const std::string& ending, std::uint64_t count) {
  if (reason == "NOT_A_PICTURE" && !ending.empty()) return fmt::format("{} {}", count, printable(ending));
  const std::string_view words = reason == "NOT_A_PICTURE"   ? "without a picture's ending"
                                 : reason == "SYSTEM_FOLDER" ? "folders of storage systems"
                                 : reason == "EXCLUDED"      ? "by --exclude"
                                 : reason == "IGNORED"       ? "by .facesearchignore"
                                                             : "links to folders";
  return fmt::format("{} {}", count, words);
}

// Tells if there were more of them than inputs. Hidden files are what nobody misses.
void tell_passed_over(const PassedOver& passed_over, std::uint64_t inputs) {
  std::uint64_t total = 0;
  bool has_endings = false;
  std::string reasons;
  for (const auto& [why, count] : passed_over.by_reason()) {
    const auto& [reason, ending] = why;
    if (reason == "HIDDEN") continue;
    has_endings |= reason == "NOT_A_PICTURE";
    total += count;
    reasons += (reasons.empty() ? "" : ", ") + passed_text(reason, ending, count);
  }
  if (total <= inputs) return;
  tell(
      fmt::format("facesearch: {} files and folders were passed over, more than there were inputs ({}): {}{}",
                  total, inputs, reasons, has_endings ? "; --all-files takes files of every ending" : ""));
}

}  // namespace

BatchOutput::BatchOutput(Call call, std::string what, const GlobalOptions& options)
    : call_(call), what_(std::move(what)), quiet_(options.quiet), progress_("inputs", options.quiet) {
  if (const Style style = style_of(options.output); style.form == Form::kTable) table_.emplace(style);
  stop_cleanly();
}

void BatchOutput::for_each_of_many(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kAtOnce = 256;
  const std::size_t runs = (count + kAtOnce - 1) / kAtOnce;
  parallel_for(runs, std::min<std::size_t>(available_processors(), count / kAtOnce), [&] {
    return [&](std::size_t run) {
      for (std::size_t i = run * kAtOnce; i < std::min(count, (run + 1) * kAtOnce); ++i) work(i);
    };
  });
}

std::string BatchOutput::count_fault(const Error& error) {
  const Error shown(error.cause(), error.reason(), without_keys(error.detail()));
  std::string document = contract::error_json(call_, shown);
  ++counts_.inputs;
  ++counts_.faults[contract::fault_of(document)];
  return document;
}

void BatchOutput::count(const service::EnrollResult& result) {
  ++counts_.inputs;
  ++counts_.succeeded;
  if (result.already_enrolled) ++counts_.already_enrolled;
  if (result.already_enrolled && asks_for_something_else(result)) ++counts_.differing;
  if (result.faces) {
    for (const service::EnrolledFace& face : *result.faces) {
      ++counts_.faces[face.refused ? "refused" : std::string(contract::outcome_name(face.outcome))];
    }
  }
}

void BatchOutput::count(const service::SearchResult& result) {
  ++counts_.inputs;
  ++counts_.succeeded;
  if (result.found_nobody()) ++counts_.nobody;
}

void BatchOutput::count(const contract::MergedAnswer& answer) {
  ++counts_.inputs;
  if (answer.failed) {
    ++counts_.faults[contract::fault_of(answer.document)];
  } else {
    ++counts_.succeeded;
    if (answer.nobody) ++counts_.nobody;
  }
}

void BatchOutput::write(const std::string& lines) {
  // A line of progress must not stand in the middle of answers that go to the same terminal.
  if (::isatty(STDOUT_FILENO) == 1) progress_.clear();
  if (!write_all(STDOUT_FILENO, table_ ? table_->rows(lines) : lines)) {
    throw Error(Cause::kFileSystem, "OUTPUT_FAILED", "the answers cannot be written to standard output");
  }
  progress_.show(counts_.inputs, total_, counts_.failed());
}

Outcome BatchOutput::end(const std::optional<Error>& ended_by, const PassedOver& passed_over) {
  progress_.clear();
  counts_.passed_over = passed_over.by_reason();
  counts_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  counts_.interrupted = asked_to_stop();
  ExitStatus status = counts_.failed() > 0 ? ExitStatus::kSomeFailed : ExitStatus::kSuccess;
  if (counts_.interrupted) status = ExitStatus::kInterrupted;
  std::optional<std::string> reason;
  if (ended_by) {
    const Error shown(ended_by->cause(), ended_by->reason(), without_keys(ended_by->detail()));
    reason = contract::error_json(call_, shown);
    const Documented pair = documented(call_, ended_by->cause());
    status = pair.status;
    if (!quiet_) {
      tell(fmt::format("facesearch: the {} ended early: {}", what_,
                       printable(shown.detail().empty() ? pair.message : shown.detail())));
    }
  }
  if (!quiet_) tell_passed_over(passed_over, counts_.inputs);
  return {contract::summary_json(call_, counts_, reason), status, Shape::kLastLine};
}

service::BatchWork batch_work(Invocation& invocation, unsigned threads) {
  (void)invocation.engines();  // says what is wrong with --models before anything is read
  service::BatchWork work;
  work.engines = [&invocation] { return invocation.new_engines(); };
  work.stopped = asked_to_stop;
  work.threads = threads > 0 ? threads : available_processors();
  return work;
}

service::BatchWork batch_work(Invocation& invocation, BatchInputs& inputs, const BatchOptions& options) {
  service::BatchWork work = batch_work(invocation, options.threads);
  work.cancel = [&inputs] { inputs.cancel(); };
  work.ordered = !options.unordered;
  return work;
}

}  // namespace facesearch::app
