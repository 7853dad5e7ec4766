// SPDX-License-Identifier: MIT
#include "facesearch/match/pair_rows.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/core/template_codes.hpp"
#include "facesearch/match/kernels/row_bounds.hpp"

namespace facesearch {
namespace {

template <typename T>
std::vector<T> in_order(std::vector<T> values, const std::vector<std::uint32_t>& order) {
  std::vector<T> result;
  result.reserve(values.size());
  for (const std::uint32_t place : order) result.push_back(std::move(values[place]));
  return result;
}

}  // namespace

PairRows::PairRows(std::size_t dimension) : dimension_(dimension), stride_(code_stride(dimension)) {}

void PairRows::add(std::uint64_t slot, const Uuid& face, const Uuid& person, std::span<const float> values) {
  if (values.size() != dimension_ || dimension_ > kMaxDimension || !is_unit(values) ||
      size() == std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Cause::kInternal, "INTERNAL", "pairs were asked of what is no template, or of too many");
  }
  faces_.push_back({slot, face, person, 0});
  probes_.push_back(encode_probe(values));
  codes_.resize(codes_.size() + stride_);
  const CodeScale scale = encode_template(values, std::span(codes_).last(stride_));
  scales_.push_back(scale.scale);
  errors_.push_back(scale.error);
}

void PairRows::arrange() {
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {},
                    [this](std::uint32_t i) { return std::tie(faces_[i].person, faces_[i].face); });
  std::vector<std::uint8_t> codes;
  codes.reserve(codes_.size());
  for (const std::uint32_t place : order) {
    const auto row = std::span(codes_).subspan(place * stride_, stride_);
    codes.insert(codes.end(), row.begin(), row.end());
  }
  codes_ = std::move(codes);
  faces_ = in_order(std::move(faces_), order);
  probes_ = in_order(std::move(probes_), order);
  scales_ = in_order(std::move(scales_), order);
  errors_ = in_order(std::move(errors_), order);
  for (std::size_t row = size(); row-- > 0;) {
    const bool last = row + 1 == size() || faces_[row + 1].person != faces_[row].person;
    faces_[row].next_person = last ? row + 1 : faces_[row + 1].next_person;
  }
}

RowGroup PairRows::rows(std::size_t first, std::size_t count) const {
  RowGroup found;
  found.codes = codes_.data() + first * stride_;
  found.stride = stride_;
  found.count = std::min(count, size() - first);
  found.scales = scales_.data() + first;
  found.errors = errors_.data() + first;
  return found;
}

PairRows::Bounds PairRows::bounds(std::size_t a, std::size_t b) const {
  constexpr int kZero = 128;
  const std::uint8_t* one = codes_.data() + a * stride_;
  const std::uint8_t* other = codes_.data() + b * stride_;
  std::int32_t dot = 0;
  for (std::size_t i = 0; i < stride_; ++i) dot += (one[i] - kZero) * (other[i] - kZero);
  const double cosine =
      static_cast<double>(scales_[a]) * static_cast<double>(scales_[b]) * static_cast<double>(dot);
  const auto error_a = static_cast<double>(errors_[a]);
  const auto error_b = static_cast<double>(errors_[b]);
  const double off = kLongest * (error_a + error_b) + error_a * error_b + kSlack;
  return {cosine - off, cosine + off};
}

}  // namespace facesearch
