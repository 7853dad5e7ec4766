// SPDX-License-Identifier: MIT
// What was decrypted is overwritten before its memory is freed. Memory that is aligned as AlignedBytes is
// goes through the two operators here, which look at it when it is freed.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "facesearch/store/format/aligned_bytes.hpp"
#include "facesearch/store/format/block_layout.hpp"
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
