// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "facesearch/batch/batch_item.hpp"
#include "facesearch/inputs/folder_walk.hpp"
#include "facesearch/inputs/input_table.hpp"
#include "facesearch/inputs/line_reader.hpp"

namespace facesearch::app {

/// The options of a command with many inputs.
struct BatchOptions {
  /// Registers them; `enrols`: with those of enrolment.
  void add_to(CLI::App& command, bool enrols);

  /// True if the command line names inputs.
  bool given() const { return !paths.empty() || !list.empty() || !manifest.empty() || !retry.empty(); }

  std::vector<std::string> paths;
  std::string list;
  bool ends_with_nul = false;
  std::string manifest;
  std::string retry;
  InputRules rules;
  std::string name_from;
  bool one_person_per_name = false;
  std::string shard;
  bool unordered = false;
  unsigned threads = 0;
};

/// The inputs that the options name, one after the other. Only the next few are in memory.
class BatchInputs {
 public:
  /// `base`: members of every request that does not have its own. `name`: the member that takes the name.
  /// Throws UsageError; Error as read_input if a list cannot be read.
  BatchInputs(const BatchOptions& options, contract::RawRequest base, std::string name);

  /// None at the end, and after cancel() or a stop signal. Call it from one thread at a time.
  std::optional<BatchItem> next();

  /// The request of an item, parsed, its picture read. Throws its fault, and as parse_request and
  /// read_picture. Call it from any thread.
  contract::RawRequest read(BatchItem item) const;

  /// Ends next(). Call it from any thread.
  void cancel() { cancelled_ = true; }

  /// How many inputs there will be, if they are only files and folders.
  std::optional<std::uint64_t> count() const;

  PassedOver passed_over() const;

 private:
  bool stopped() const;
  void read_failed();
  std::optional<BatchItem> next_item();
  std::optional<BatchItem> next_of_paths();
  BatchItem item_of_row(TableRow row) const;
  bool is_wanted(const BatchItem& item) const;

  const BatchOptions& options_;
  ItemMaker maker_;
  std::uint64_t part_ = 0;
  std::uint64_t parts_ = 1;
  std::atomic<bool> cancelled_ = false;
  std::optional<std::set<std::string>> failed_;
  std::vector<std::string> paths_;
  std::size_t next_path_ = 0;
  std::optional<FolderWalk> walk_;
  std::unique_ptr<LineReader> list_;
  std::unique_ptr<InputTable> table_;
  PassedOver passed_over_;
  std::deque<BatchItem> ahead_;  // being read ahead
};

}  // namespace facesearch::app
