// SPDX-License-Identifier: MIT
// The floor of a batch: pictures through a pack's networks on so many threads, and nothing else: no store, no
// answers. Usage: bare_pictures MODELS RUNTIMES THREADS <LIST; a path a line. One line of JSON.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/image/decode.hpp"

namespace {

using namespace facesearch;

bool embed(FaceEngine& engine, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  try {
    const Image image = decode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, {}, {});
    FaceScene scene = engine.find_faces(image);
    if (scene.faces.empty()) return false;
    engine.place_landmarks(image, scene.faces.front());
    return !engine.embed(engine.align(image, scene.faces.front())).empty();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: {} MODELS RUNTIMES THREADS <LIST\n", argv[0]);
    return 2;
  }
  std::vector<std::string> files;
  for (std::string line; std::getline(std::cin, line);) files.push_back(line);
  try {
    const auto start = std::chrono::steady_clock::now();
    const PackPlaces places{
        .catalog = argv[1],
        .made = std::filesystem::path(argv[2]).parent_path().parent_path() / "share/facesearch/networks"};
    const Pack pack = find_pack(places, "mini");
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> embedded = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < std::stoi(argv[3]); ++i) {
        threads.emplace_back([&] {
          FaceEngine engine(pack, runtimes_in(argv[2]));
          for (std::size_t at = next++; at < files.size(); at = next++)
            embedded += embed(engine, files[at]) ? 1 : 0;
        });
      }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{{\"pictures\":{},\"embedded\":{},\"seconds\":{:.3f},\"per_second\":{:.2f}}}\n", files.size(),
               embedded.load(), seconds, static_cast<double>(files.size()) / seconds);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.detail());
    return 1;
  }
  return 0;
}
