// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/contract/requests/request.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/inputs/line_reader.hpp"

namespace facesearch::app {

/// A row: members of a request, and the path of the picture.
struct TableRow {
  std::size_t line = 0;  ///< its first line, from 1
  std::string input;     ///< its name in the answers; may be empty
  std::string path;      ///< may be empty: the picture is among the members
  contract::RawRequest raw;
  std::string json;            ///< a row that is to be parsed later: it has neither `input` nor `path`
  std::optional<Error> fault;  ///< the row is not valid
};

/// Reads the rows of `--manifest` one after the other: JSON Lines, an object a row (members of the contract,
/// and `path` and `input`), where the first line begins with `{`; else CSV (RFC 4180; separated by commas,
/// semicolons or tabs, as its heading is) with a heading of `path`, `input`, `userName`, `metaFaceId`,
/// `requestName`, `faceImage`, `template`, `fingerprint` and `metadata.KEY`.
class InputTable {
 public:
  /// Throws Error(kInvalidValue, LIST_INVALID) for any other heading; as LineReader.
  InputTable(const std::string& file, std::function<bool()> stopped);

  /// Skips empty lines. `parse_later`: a row of JSON need not be parsed here, where other threads may wait.
  std::optional<TableRow> next(bool parse_later);

 private:
  void read_heading(const std::string& first);
  [[noreturn]] void refuse_heading(const std::string& first, std::size_t number);
  TableRow json_row(std::string line, bool parse_later) const;
  std::optional<TableRow> csv_row(std::string line);
  std::optional<std::vector<std::string>> fields(std::string line);

  std::string file_;
  LineReader lines_;
  std::vector<std::string> heading_;  // empty: JSON Lines
  char separator_ = ',';
  std::optional<std::string> first_;  // of JSON Lines, until next() returns it
};

}  // namespace facesearch::app
