// SPDX-License-Identifier: MIT
// The program without a check for refused memory: operator new then ends it by a signal.
#include <csignal>
#include <cstdlib>
#include <new>

namespace {

void* request(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    (void)std::signal(SIGSEGV, SIG_DFL);
    (void)std::raise(SIGSEGV);
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return request(size);
}

void* operator new[](std::size_t size) {
  return request(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete[](void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
