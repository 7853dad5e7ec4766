// SPDX-License-Identifier: MIT
// Every reader of stored records, on any bytes: a value, or an Error of a damaged store. A value that was
// read can be written, and reads the same again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/decisions.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/format/record_block.hpp"
#include "facesearch/store/format/root.hpp"
#include "facesearch/store/format/tail_rows.hpp"

using namespace facesearch;
using namespace facesearch::storage;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void read_any(unsigned kind, Bytes bytes) {
  const std::string text(bytes.begin(), bytes.end());
  switch (kind) {
    case 0:
      require(read_store(write_store(read_store(text))).id == read_store(text).id);
      break;
    case 1:
      require(read_keys(write_keys(read_keys(text))).size() == read_keys(text).size());
      break;
    case 2:
      require(read_collection(write_collection(read_collection(text))).policy ==
              read_collection(text).policy);
      break;
    case 3: {
      FaceRecord record;
      read_record(bytes, record);
      FaceRecord again;
      read_record(write_record(record), again);
      require(again.metadata == record.metadata && again.name == record.name);
      break;
    }
    case 4: {
      const RecordBlock block(bytes, 64);
      const std::vector<std::uint8_t> again = block.payload();
      require(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
      break;
    }
    case 7: {
      const Root root = read_root(bytes);
      const Root again = read_root(write_root(root));
      require(again.tables == root.tables && again.tail == root.tail);
      break;
    }
    case 9: {
      constexpr std::size_t kDimension = 4;
      const std::vector<Decision> decisions = read_decisions(bytes, kDimension);
      require(read_decisions(write_decisions(decisions, kDimension), kDimension) == decisions);
      break;
    }
    case 10: {
      if (bytes.empty()) break;
      constexpr Geometry kGeometry{4, 64, 64, 64, 64};
      const AlignedBytes payload(bytes.subspan(1));
      const AlignedBytes again = write_tail(kGeometry, read_tail(kGeometry, 60, bytes[0], payload.span()));
      require(std::ranges::equal(again.span(), payload.span()));
      break;
    }
    case 8:
      require(read_sides(write_sides(read_sides(text))).live == read_sides(text).live);
      break;
    case 5:
      require(read_slot(write_slot(read_slot(bytes))) == read_slot(bytes));
      break;
    default:
      require(read_count(write_count(read_count(bytes))) == read_count(bytes));
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  try {
    read_any(data[0] % 11, Bytes(data + 1, size - 1));
  } catch (const Error& error) {
    require(error.cause() == Cause::kStoreDamaged);
  }
  return 0;
}
