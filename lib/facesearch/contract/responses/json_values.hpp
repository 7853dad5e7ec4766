// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "facesearch/core/geometry.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/packs/packs.hpp"
#include "facesearch/store/records.hpp"

/// The values that several documents of the contract share.
namespace facesearch::contract {

using OrderedJson = nlohmann::ordered_json;

/// The number with so many decimals, without trailing zeros: 97.3, and 80 for 80.0.
OrderedJson rounded(double value, int decimals = 2);

/// The number with four significant digits.
OrderedJson four_digits(double value);

/// `{x, y, width, height}`
OrderedJson box_json(const Box& box);

/// A template as base64 of little-endian 32-bit floats.
std::string template_text(std::span<const float> values);

/// `{face_id, user_name, create_time, meta_face_id}`, and `metadata` where there is some.
OrderedJson face_json(const FaceRecord& face);

/// `[{what, detail, command}]`; `command` is left out where none mends it.
OrderedJson lacks_json(const std::vector<service::PackLack>& lacks);

/// Adds `calibration: "provisional"` where scores rest on such a one.
void add_provisional(OrderedJson& json, bool provisional);

/// Adds `warnings` where there are any.
void add_warnings(OrderedJson& json, const std::vector<service::Warning>& warnings);

/// One line; what is not UTF-8 becomes U+FFFD.
std::string written(const OrderedJson& json);

}  // namespace facesearch::contract
