// SPDX-License-Identifier: MIT
// What was decrypted is overwritten before its memory is freed. Memory that is aligned as AlignedBytes is
// goes through the two operators here, which look at it when it is freed.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>

#include "facesearch/store/format/aligned_bytes.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/format/record_block.hpp"
#include "facesearch/store/format/tail_rows.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;

namespace {

std::atomic<bool> looking{false};
std::atomic<std::size_t> freed{0};
std::atomic<std::size_t> dirty{0};

struct Looking {
  Looking() { freed = dirty = 0, looking = true; }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;
  ~Looking() { looking = false; }
};

}  // namespace

void* operator new[](std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  const std::size_t room = (size + step - 1) / step * step;
  void* const memory = std::aligned_alloc(step, room);
  if (memory == nullptr) throw std::bad_alloc();
  std::fill_n(static_cast<unsigned char*>(memory), room, static_cast<unsigned char>(0));
  return memory;
}

void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept {
  if (looking && memory != nullptr) {
    // Zero when it was allocated, up to what the allocator gave beyond.
    const auto* const bytes = static_cast<const unsigned char*>(memory);
    const std::size_t size = ::malloc_usable_size(memory) / 64 * 64;
    ++freed;
    if (std::any_of(bytes, bytes + size, [](unsigned char byte) { return byte != 0; })) ++dirty;
  }
  std::free(memory);
}

TEST_CASE("aligned bytes are overwritten when they are freed, and when they grow", "[wiping]") {
  const Looking look;
  {
    AlignedBytes bytes(100);
    std::ranges::fill(bytes.span(), std::uint8_t{7});
    std::ranges::fill(bytes.make_room(1000), std::uint8_t{8});
    CHECK(freed == 1);
    AlignedBytes other(50);
    std::ranges::fill(other.span(), std::uint8_t{9});
    bytes.make_room(10);
    other = std::move(bytes);
    CHECK(freed == 2);
  }
  CHECK(freed == 3);
  CHECK(dirty == 0);
}

TEST_CASE("nothing that a sealed collection decrypted is left in freed memory", "[wiping]") {
  const TemporaryFolder folder;
  const auto store = make_store_in(folder.store());
  store->create(collection_record("staff"));
  std::vector<Uuid> faces;
  for (unsigned i = 0; i < 5; ++i) faces.push_back(add_face(*store->open("staff"), face_record(), i));
  const Looking look;
  {
    const auto collection = store->open("staff");
    const auto snapshot = collection->snapshot();
    for (const Uuid& face : faces) CHECK(snapshot->find_template(face));
    const auto codes = snapshot->code_reader();
    CHECK(is_live(codes->read(0), 4));
    CHECK(snapshot->find_face(faces[0]));
    collection->write([&](WriteTransaction& change) { CHECK(change.erase(faces[1])); });
  }
  CHECK(freed > 5);
  CHECK(dirty == 0);
}

// The sanitizers have a heap of their own.
#ifndef __SANITIZE_ADDRESS__
namespace {

// How often a text lies in the heap, which is read as a file: so memory that was freed is read, too. The text
// is given with each byte one too high, so that it is no copy itself.
std::size_t copies_in_heap(const std::string& raised) {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line) && !line.ends_with("[heap]")) {
  }
  unsigned long begin = 0;
  unsigned long end = 0;
  REQUIRE(std::sscanf(line.c_str(), "%lx-%lx", &begin, &end) == 2);
  std::ifstream memory("/proc/self/mem", std::ios::binary);
  memory.seekg(static_cast<std::streamoff>(begin));
  std::size_t copies = 0;
  std::size_t matched = 0;
  static std::array<char, 1U << 16U> bytes;  // not in the heap
  for (unsigned long left = end - begin; left > 0;) {
    memory.read(bytes.data(), static_cast<std::streamsize>(std::min<unsigned long>(left, bytes.size())));
    const auto count = static_cast<std::size_t>(memory.gcount());
    REQUIRE(count > 0);
    left -= count;
    for (std::size_t i = 0; i < count; ++i) {
      matched = bytes[i] + 1 == raised[matched] ? matched + 1 : (bytes[i] + 1 == raised[0] ? 1 : 0);
      if (matched == raised.size()) ++copies, matched = 0;
    }
  }
  return copies;
}

}  // namespace

TEST_CASE("records that are read with those of the tail leave no copy in freed memory", "[wiping]") {
  const Geometry geometry = geometry_of(4);
  const std::string raised = "Opcpez-lopxt-uijt-obnf";  // "Nobody+knows+this+name", each byte one higher
  AlignedBytes record(raised.size());
  std::ranges::transform(raised, record.span().begin(),
                         [](char byte) { return static_cast<std::uint8_t>(byte - 1); });
  const std::vector<float> values(4);
  const std::vector<TailRow> rows{{1, {Uuid::make(), Uuid::make()}, values, std::as_const(record).span()},
                                  {2, {Uuid::make(), Uuid::make()}, values, std::as_const(record).span()}};
  CHECK(copies_in_heap(raised) == 1);
  {
    AlignedBytes payload;
    put_tail_rows(geometry, PieceKind::kRecords, 0, rows, payload);
    CHECK(copies_in_heap(raised) == 3);
    const auto found = find_record(std::as_const(payload).span(), geometry.record_rows, 2);
    REQUIRE(found);
    CHECK(std::ranges::equal(std::get<Bytes>(*found), std::as_const(record).span()));
  }
  CHECK(copies_in_heap(raised) == 1);
}
#endif
