// SPDX-License-Identifier: MIT
#include "facesearch/store/format/decisions.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

constexpr std::uint64_t kHasContent = 1;
constexpr std::uint64_t kHasTemplate = 2;

Decision read_decision(ByteReader& reader, std::size_t dimension) {
  Decision decision;
  const std::uint64_t kind = reader.number(1);
  if (kind < static_cast<std::uint64_t>(Decision::Kind::kNotThisPerson) ||
      kind > static_cast<std::uint64_t>(Decision::Kind::kNotInMean)) {
    refuse_record("a decision is of an unknown kind");
  }
  decision.kind = static_cast<Decision::Kind>(kind);
  const std::uint64_t has = reader.number(1);
  if ((has & ~(kHasContent | kHasTemplate)) != 0) {
    refuse_record("a decision has parts that are not known");
  }
  decision.face = reader.uuid();
  decision.person = reader.uuid();
  decision.made = static_cast<Timestamp>(reader.number(8));
  if ((has & kHasContent) != 0) {
    const Bytes content = reader.take(Sha256{}.size());
    std::copy(content.begin(), content.end(), decision.content.emplace().begin());
  }
  if ((has & kHasTemplate) != 0) {
    const Bytes values = reader.take(dimension * sizeof(float));
    decision.values.resize(dimension);
    std::memcpy(decision.values.data(), values.data(), values.size());
    if (!is_unit(decision.values)) {
      refuse_record("a template in a decision is none");
    }
  }
  return decision;
}

}  // namespace

}  // namespace facesearch::storage

namespace facesearch {

void require_decisions(std::size_t count) {
  if (count <= kMostDecisions) return;
  throw Error(Cause::kInvalidValue, "TOO_MANY_DECISIONS",
              fmt::format("the collection would have {} decisions on faces, the limit is {}; take some back "
                          "with `face reject --withdraw` or `face readmit`, or compact the collection, which "
                          "drops those on faces that are gone",
                          count, kMostDecisions));
}

}  // namespace facesearch

namespace facesearch::storage {

std::vector<std::uint8_t> write_decisions(std::span<const Decision> decisions, std::size_t dimension) {
  ByteWriter writer;
  for (const Decision& decision : decisions) {
    if (!decision.values.empty()) require_storable(decision.values, dimension);
    writer.number(static_cast<std::uint64_t>(decision.kind), 1);
    writer.number((decision.content ? kHasContent : 0) | (decision.values.empty() ? 0 : kHasTemplate), 1);
    writer.uuid(decision.face);
    writer.uuid(decision.person);
    writer.number(static_cast<std::uint64_t>(decision.made), 8);
    if (decision.content) writer.bytes(*decision.content);
    writer.bytes({reinterpret_cast<const std::uint8_t*>(decision.values.data()),
                  decision.values.size() * sizeof(float)});
  }
  return writer.take();
}

std::vector<Decision> read_decisions(Bytes payload, std::size_t dimension) {
  std::vector<Decision> decisions;
  ByteReader reader(payload);
  while (!reader.at_end()) {
    if (decisions.size() == kDecisionRows) {
      refuse_record("a block has too many decisions");
    }
    decisions.push_back(read_decision(reader, dimension));
  }
  return decisions;
}

}  // namespace facesearch::storage
