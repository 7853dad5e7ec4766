// SPDX-License-Identifier: MIT
// Reads and writes the shape of an ONNX file's input: the protocol buffers on the way to it are walked by
// hand (model 7 → graph; graph 11 → inputs, 5 → weights; value 1 → name, 2 → type; type 1 → tensor; tensor 2
// → shape; shape 1 → sides; side 1 → number, 2 → name), and everything else is copied as bytes.
#include "facesearch/face/opencv/onnx_input.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace facesearch {
namespace {

enum Wire : unsigned { kVarint = 0, kFixed64 = 1, kText = 2, kFixed32 = 5 };

struct Field {
  unsigned number = 0;
  unsigned wire = 0;
  std::uint64_t value = 0;  // of kVarint
  std::string_view text;    // of kText
  std::string_view whole;   // with its tag
};

/// The fields of one message, in order. Damage ends it and is told.
class Fields {
 public:
  explicit Fields(std::string_view message) : rest_(message) {}

  bool next(Field& field) {
    if (rest_.empty() || damaged_) return false;
    const std::string_view start = rest_;
    const std::uint64_t tag = varint();
    field = {static_cast<unsigned>(tag >> 3U), static_cast<unsigned>(tag & 7U), 0, {}, {}};
    switch (field.wire) {
      case kVarint:
        field.value = varint();
        break;
      case kFixed64:
        skip(8);
        break;
      case kText:
        field.text = skip(varint());
        break;
      case kFixed32:
        skip(4);
        break;
      default:
        damaged_ = true;
    }
    field.whole = start.substr(0, start.size() - rest_.size());
    return !damaged_;
  }

  bool damaged() const { return damaged_; }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    damaged_ = true;
    return 0;
  }

  std::string_view skip(std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      damaged_ = true;
      return {};
    }
    const std::string_view skipped = rest_.substr(0, static_cast<std::size_t>(bytes));
    rest_.remove_prefix(skipped.size());
    return skipped;
  }

  std::string_view rest_;
  bool damaged_ = false;
};

std::string varint_of(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7fU) | 0x80U);
  return bytes + static_cast<char>(value);
}

std::string text_field(unsigned number, std::string_view text) {
  return varint_of(number << 3U | kText) + varint_of(text.size()) + std::string(text);
}

constexpr unsigned kGraphOfModel = 7;
constexpr unsigned kWeightOfGraph = 5;
constexpr unsigned kNameOfWeight = 8;
constexpr unsigned kInputOfGraph = 11;
constexpr unsigned kNameOfValue = 1;
constexpr std::array<unsigned, 3> kShapeOfValue{2, 1, 2};  // type, tensor, shape
constexpr unsigned kSideOfShape = 1;
constexpr std::size_t kSides = 4;

std::string_view text_of(std::string_view message, unsigned number) {
  Fields fields(message);
  std::string_view found;
  for (Field field; fields.next(field);) {
    if (field.number == number && field.wire == kText) found = field.text;
  }
  return found;
}

std::uint64_t number_of(std::string_view side) {
  Fields fields(side);
  std::uint64_t found = 0;
  for (Field field; fields.next(field);) {
    if (field.number == 1 && field.wire == kVarint) found = field.value;
  }
  return found;
}

// The sides of a shape; empty unless it has four: picture, plane, row, column.
std::vector<std::uint64_t> sides_of(std::string_view shape) {
  std::vector<std::uint64_t> sides;
  Fields fields(shape);
  for (Field field; fields.next(field);) {
    if (field.number == kSideOfShape && field.wire == kText) sides.push_back(number_of(field.text));
  }
  if (fields.damaged() || sides.size() != kSides) sides.clear();
  return sides;
}

std::string_view shape_of(std::string_view value) {
  for (const unsigned number : kShapeOfValue) value = text_of(value, number);
  return value;
}

// The bytes of the first input that is no weight; empty where there is none with four sides.
std::string_view input_of(std::string_view graph) {
  std::set<std::string_view> weights;
  Fields weight_fields(graph);
  for (Field field; weight_fields.next(field);) {
    if (field.number == kWeightOfGraph && field.wire == kText)
      weights.insert(text_of(field.text, kNameOfWeight));
  }
  if (weight_fields.damaged()) return {};
  Fields fields(graph);
  for (Field field; fields.next(field);) {
    if (field.number != kInputOfGraph || field.wire != kText) continue;
    if (!weights.contains(text_of(field.text, kNameOfValue)))
      return sides_of(shape_of(field.text)).empty() ? std::string_view{} : field.text;
  }
  return {};
}

std::string_view graph_of(const NetworkBytes& network) {
  return text_of({reinterpret_cast<const char*>(network.data()), network.size()}, kGraphOfModel);
}

int side(std::uint64_t number) {
  return number > static_cast<std::uint64_t>(std::numeric_limits<int>::max()) ? 0 : static_cast<int>(number);
}

// The message with `inner` in place of the field of that bytes, on each level of `path`.
std::string replaced(std::string_view message, std::string_view old_part, unsigned number,
                     const std::string& new_part) {
  std::string out;
  Fields fields(message);
  for (Field field; fields.next(field);) {
    const bool is_it = field.number == number && field.wire == kText && field.text.data() == old_part.data();
    out += is_it ? text_field(number, new_part) : std::string(field.whole);
  }
  return out;
}

// The value with another shape, on the way that shape_of() goes.
std::string with_shape(std::string_view value, std::size_t level, const std::string& shape) {
  if (level == kShapeOfValue.size()) return shape;
  const unsigned number = kShapeOfValue.at(level);
  const std::string_view inner = text_of(value, number);
  return replaced(value, inner, number, with_shape(inner, level + 1, shape));
}

}  // namespace

std::optional<OnnxInput> onnx_input(const NetworkBytes& network) {
  const std::string_view input = input_of(graph_of(network));
  if (input.empty()) return std::nullopt;
  const std::vector<std::uint64_t> sides = sides_of(shape_of(input));
  return OnnxInput{side(sides[3]), side(sides[2])};
}

NetworkBytes with_input_sides(const NetworkBytes& network, OnnxInput sides) {
  const std::string_view graph = graph_of(network);
  const std::string_view input = input_of(graph);
  if (input.empty()) return network;
  std::vector<std::uint64_t> numbers = sides_of(shape_of(input));
  const std::array<std::uint64_t, kSides> wanted{1, 3, static_cast<std::uint64_t>(std::max(1, sides.height)),
                                                 static_cast<std::uint64_t>(std::max(1, sides.width))};
  std::string shape;
  for (std::size_t i = 0; i < kSides; ++i) {
    if (side(numbers.at(i)) <= 0) numbers.at(i) = wanted.at(i);
    shape += text_field(kSideOfShape, varint_of(1U << 3U | kVarint) + varint_of(numbers.at(i)));
  }
  const std::string new_graph = replaced(graph, input, kInputOfGraph, with_shape(input, 0, shape));
  const std::string_view model(reinterpret_cast<const char*>(network.data()), network.size());
  const std::string out = replaced(model, graph, kGraphOfModel, new_graph);
  return {out.begin(), out.end()};
}

}  // namespace facesearch
