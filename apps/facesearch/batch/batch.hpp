// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/contract/responses/batch_lines.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/contract/shards/shard_answers.hpp"
#include "facesearch/inputs/batch_inputs.hpp"
#include "facesearch/invocation.hpp"
#include "facesearch/outcome.hpp"
#include "facesearch/output/document_table.hpp"
#include "facesearch/output/progress.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/search/search_batch.hpp"

namespace facesearch::app {

/// Writes the lines of a batch to standard output as its inputs are answered, counts them, and shows
/// progress. Once it is made, an interruption only stops the inputs.
class BatchOutput {
 public:
  /// `what`: the word for it in messages, as "batch".
  BatchOutput(Call call, std::string what, const GlobalOptions& options);

  /// The number of inputs, for the progress. To count them costs time: only where shows_progress().
  void expect(std::uint64_t total) { total_ = total; }
  bool shows_progress() const { return progress_.shown(); }

  /// Throws Error(kFileSystem, OUTPUT_FAILED).
  template <class Result>
  void answer(const std::vector<service::BatchAnswer<Result>>& answers) {
    std::vector<std::string> documents(answers.size());
    for_each_of_many(answers.size(), [&](std::size_t i) {
      const auto* result = std::get_if<Result>(&answers[i].outcome);
      if (result != nullptr) documents[i] = document_of(*result);
    });
    std::string lines;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (const auto* result = std::get_if<Result>(&answers[i].outcome)) {
        count(*result);
      } else {
        documents[i] = count_fault(std::get<Error>(answers[i].outcome));
      }
      lines += contract::batch_line(answers[i].input, documents[i]) + '\n';
    }
    write(lines);
  }

  /// The summary, and the status of the command. `ended_by`: the error that ended it early. `passed_over`:
  /// what was no input by its name.
  Outcome end(const std::optional<Error>& ended_by, const PassedOver& passed_over);

 private:
  /// Does `work` for every number below `count`: for thousands in several threads, since to write the
  /// documents of a batch of templates costs as much as to store them.
  static void for_each_of_many(std::size_t count, const std::function<void(std::size_t)>& work);

  static std::string document_of(const service::EnrollResult& result) { return contract::to_json(result); }
  static std::string document_of(const service::SearchResult& result) { return contract::to_json(result); }
  static const std::string& document_of(const contract::MergedAnswer& answer) { return answer.document; }

  void count(const service::EnrollResult& result);
  void count(const service::SearchResult& result);
  void count(const contract::MergedAnswer& answer);
  std::string count_fault(const Error& error);  // gives its document
  void write(const std::string& lines);

  Call call_;
  std::string what_;
  bool quiet_;
  contract::BatchCounts counts_;
  Progress progress_;
  std::optional<BatchTable> table_;  // where `--output table` asks for it
  std::uint64_t total_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Runs `work` on inputs and writes their answers.
template <class Work>
Outcome run_batch(BatchInputs& inputs, Call call, const GlobalOptions& options, Work&& work) {
  BatchOutput output(call, "batch", options);
  if (output.shows_progress()) output.expect(inputs.count().value_or(0));
  try {
    work(output);
  } catch (const Error& error) {
    return output.end(error, inputs.passed_over());
  }
  return output.end(std::nullopt, inputs.passed_over());
}

/// How a batch uses the machine; `threads` of 0 is one a processor. Call it once the store and its key are
/// known to be good; the invocation outlives the batch.
service::BatchWork batch_work(Invocation& invocation, unsigned threads);

/// The same for these inputs, which outlive the batch too.
service::BatchWork batch_work(Invocation& invocation, BatchInputs& inputs, const BatchOptions& options);

}  // namespace facesearch::app
