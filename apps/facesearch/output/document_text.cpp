// SPDX-License-Identifier: MIT
#include "facesearch/output/document_text.hpp"

#include <nlohmann/json.hpp>

#include "facesearch/core/utf8.hpp"

namespace facesearch::app {
namespace {

using Json = nlohmann::ordered_json;

// An array that is no longer stays on one line.
constexpr std::size_t kShort = 72;

std::string scalar_text(const Json& value) {
  const std::string text = value.dump();
  return printable(text) == text ? text : value.dump(-1, ' ', true);
}

const char* colour_of(const Json& value) {
  if (value.is_string()) return "32";
  return value.is_number() ? "36" : "33";
}

class Writer {
 public:
  explicit Writer(const Style& style) : style_(style) {}

  void write(const Json& value, std::size_t depth) {
    if (value.is_object()) {
      write_items(value, depth, '{', '}', [&](const auto& item) {
        text_ += style_.painted("1;34", scalar_text(Json(item.key()))) + ": ";
      });
    } else if (value.is_array()) {
      const bool on_one_line = value.dump().size() <= kShort;
      write_items(value, on_one_line ? kOneLine : depth, '[', ']', [](const auto& /*item*/) {});
    } else {
      text_ += style_.painted(colour_of(value), scalar_text(value));
    }
  }

  std::string text() { return std::move(text_); }

 private:
  static constexpr std::size_t kOneLine = ~std::size_t{0};

  void begin_line(std::size_t depth) {
    if (depth != kOneLine) text_ += '\n' + std::string(2 * depth, ' ');
  }

  template <class BeforeValue>
  void write_items(const Json& value, std::size_t depth, char open, char close, BeforeValue before_value) {
    const std::size_t inside = depth == kOneLine ? kOneLine : depth + 1;
    text_ += open;
    bool first = true;
    for (const auto& item : value.items()) {
      if (!first) text_ += depth == kOneLine ? ", " : ",";
      first = false;
      begin_line(inside);
      before_value(item);
      write(item.value(), inside);
    }
    if (!first) begin_line(depth);
    text_ += close;
  }

  const Style& style_;
  std::string text_;
};

}  // namespace

std::string document_text(std::string_view document, const Style& style) {
  const Json parsed = Json::parse(document, nullptr, false);
  if (parsed.is_discarded()) return printable(document);
  Writer writer(style);
  writer.write(parsed, 0);
  return writer.text();
}

}  // namespace facesearch::app
