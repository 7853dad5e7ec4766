// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "facesearch/output/style.hpp"

namespace facesearch::app {

/// A JSON document for people: each of its lists as a table, then its other members, one a line. The columns
/// are the members of the list's items, names and scores first. Of nested values an item shows boxes,
/// metadata and few others; the document has them all. Nothing that acts on a terminal is left in it. What is
/// no such document is returned as it is, printable. Without a line end.
std::string document_table(std::string_view document, const Style& style);

/// The lines of a batch for people: a line an input, with its answer in a few words.
class BatchTable {
 public:
  explicit BatchTable(const Style& style) : style_(style) {}

  /// `lines`: JSON documents, each with a line end. A line that is none stays as it is, printable.
  std::string rows(std::string_view lines);

 private:
  Style style_;
  std::size_t input_width_ = 0;  // of the widest input so far
};

}  // namespace facesearch::app
