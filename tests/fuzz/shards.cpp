// SPDX-License-Identifier: MIT
// Two lines, each from another shard, of any bytes: they are merged or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "facesearch/contract/shards/shard_answers.hpp"
#include "facesearch/core/error.hpp"

using namespace facesearch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  std::vector<std::string> lines{text.substr(0, end)};
  if (end != std::string::npos) lines.push_back(text.substr(end + 1));
  try {
    std::vector<contract::ShardAnswer> answers;
    for (const std::string& line : lines) {
      answers.push_back({"shard", contract::read_shard_line(line).document});
    }
    const contract::MergedAnswer merged = contract::merge_answers(answers, true);
    // What comes out can go in again.
    answers = {{"merged", contract::read_shard_line(merged.document).document}};
    const contract::MergedAnswer again = contract::merge_answers(answers, true);
    if (again.failed != merged.failed || again.nobody != merged.nobody) std::abort();
  } catch (const Error& error) {
    if (error.cause() != Cause::kInvalidValue) std::abort();
  }
  return 0;
}
