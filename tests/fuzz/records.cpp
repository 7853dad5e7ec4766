// SPDX-License-Identifier: MIT
// Every reader of stored records, on any bytes: a value or an Error of a damaged store. What was read can be
// written, and reads the same again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/store/face_value.hpp"
#include "facesearch/store/json_records.hpp"

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
  std::vector<float> values(bytes.size() < 32 ? 0 : (bytes.size() - 32) / sizeof(float));
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
      const FaceValue face = read_face(Uuid{}, bytes);
      require(read_face(Uuid{}, write_face(face.slot, face.record)).record.metadata == face.record.metadata);
      require(read_face_place(bytes).slot == face.slot);
      break;
    }
    case 4: {
      const TemplateRow row = read_row(bytes, values);
      const std::vector<std::uint8_t> again = write_row(row.face, row.person, values);
      require(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
      break;
    }
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
    read_any(data[0] % 7, Bytes(data + 1, size - 1));
  } catch (const Error& error) {
    require(error.cause() == Cause::kStoreDamaged);
  }
  return 0;
}
