// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/json_values.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "facesearch/contract/requests/base64.hpp"

namespace facesearch::contract {
namespace {

// Read back from its decimal text, so that it is printed as that text again. Whole numbers are written
// without a point; from 2^53 on a double is printed as it is.
OrderedJson number_of(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (value == std::trunc(value) && std::abs(value) < 9007199254740992.0)
    return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

OrderedJson rounded(double value, int decimals) {
  return number_of(fmt::format("{:.{}f}", value, decimals));
}

OrderedJson four_digits(double value) {
  return number_of(fmt::format("{:.3e}", value));
}

OrderedJson box_json(const Box& box) {
  return {{"x", rounded(box.x)},
          {"y", rounded(box.y)},
          {"width", rounded(box.width)},
          {"height", rounded(box.height)}};
}

std::string template_text(std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  return encode_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

OrderedJson face_json(const FaceRecord& face) {
  OrderedJson json{{"face_id", face.face.text()},
                   {"user_name", face.name},
                   {"create_time", rfc3339(face.created)},
                   {"meta_face_id", face.person.text()}};
  if (!face.metadata.empty()) json["metadata"] = face.metadata;
  return json;
}

namespace {

const char* name_of(service::LackKind what) {
  switch (what) {
    case service::LackKind::kFiles:
      return "files";
    case service::LackKind::kCalibration:
      return "calibration";
    case service::LackKind::kLiveness:
      break;
  }
  return "liveness";
}

}  // namespace

OrderedJson lacks_json(const std::vector<service::PackLack>& lacks) {
  OrderedJson list = OrderedJson::array();
  for (const service::PackLack& lack : lacks) {
    OrderedJson json{{"what", name_of(lack.what)}, {"detail", lack.detail}};
    if (!lack.command.empty()) json["command"] = lack.command;
    list.push_back(std::move(json));
  }
  return list;
}

void add_provisional(OrderedJson& json, bool provisional) {
  if (provisional) json["calibration"] = "provisional";
}

void add_warnings(OrderedJson& json, const std::vector<service::Warning>& warnings) {
  for (const service::Warning& warning : warnings) {
    json["warnings"].push_back({{"reason", warning.reason}, {"detail", warning.detail}});
  }
}

std::string written(const OrderedJson& json) {
  std::string text = json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  // JSON lets DEL and U+0080 to U+009F stand in a string, where they act on the terminal that shows it.
  for (std::size_t at = text.find_first_of("\x7F\xC2"); at != std::string::npos;
       at = text.find_first_of("\x7F\xC2", at + 1)) {
    const auto byte = static_cast<unsigned char>(text[at] == '\x7F' ? text[at] : text[at + 1]);
    if (byte > 0x9F) continue;
    text.replace(at, text[at] == '\x7F' ? 1 : 2, fmt::format("\\u{:04x}", static_cast<unsigned>(byte)));
  }
  return text;
}

}  // namespace facesearch::contract
