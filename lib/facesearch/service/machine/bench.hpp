// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

struct BenchOptions {
  std::size_t faces = 200'000;
  std::size_t dimension = 128;
  std::size_t probes = 64;
};

/// Exact top-10 for one probe with one thread.
struct KernelTimes {
  std::string kernel;
  double memory_ms = 0;
  double plain_ms = 0;       ///< from a view of a store, kept open
  double plain_anew_ms = 0;  ///< from a collection that is opened for this search
  double sealed_ms = 0;      ///< the same from an encrypted collection
  double sealed_anew_ms = 0;
};

struct CollectionTimes {
  double enroll_ms = 0;  ///< one durable enrolment
  double faces_per_s = 0;
};

/// What a picture takes once the networks are loaded.
struct PictureTimes {
  std::string pack;
  double decode_ms = 0;
  double find_ms = 0;
  double embed_ms = 0;
};

/// Medians.
struct BenchReport {
  BenchOptions options;
  std::size_t threads = 1;
  double read_ms = 0;  ///< one thread reads the templates' floats once
  std::vector<KernelTimes> kernels;
  double many_ms = 0;  ///< for each of the probes, all at once with all threads
  CollectionTimes plain;
  CollectionTimes sealed;
  std::optional<PictureTimes> picture;
};

/// Told now and then how many of all steps are done.
using BenchProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Measures this machine with random templates in two new collections, `plain` and `sealed`, of the context's
/// store, which is the caller's to throw away. Throws as Store does.
BenchReport bench(Context& context, const BenchOptions& options, const BenchProgress& progress);

/// Measures a picture. Throws as decode() and FaceEngine, and Error(kRefused, FACE_NOT_FOUND).
PictureTimes bench_picture(FaceEngine& engine, std::span<const std::uint8_t> picture);

}  // namespace facesearch::service
