// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/service/collections/collections.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/search/search.hpp"
#include "service/hooked_store.hpp"

namespace facesearch::test {

/// Calibration::of_means of every calibrated pack.
inline constexpr std::array<Calibration::Points, 3> kPointsOfMeans{
    {{0.15, 0.35, 0.5, 0.75, 0.92}, {0.2, 0.4, 0.5, 0.8, 0.94}, {0.25, 0.45, 0.5, 0.85, 0.96}}};

/// What an action threw; nothing thrown is an empty reason and `thrown` false.
struct Fault {
  bool thrown = false;
  Cause cause{};
  std::string reason;
  std::string detail;

  bool is(Cause expected, const std::string& expected_reason) const {
    return thrown && cause == expected && reason == expected_reason;
  }
  bool says(const std::string& words) const { return detail.find(words) != std::string::npos; }
};
Fault fault_of(const std::function<void()>& action);
std::ostream& operator<<(std::ostream& out, const Fault& fault);

/// What a search listed, but for the collections: face, person, name, cosine, similarity.
using Listed = std::tuple<Uuid, Uuid, std::string, double, double>;
std::vector<Listed> listed(const service::SearchResult& result);

struct PackChoice {
  std::string name = "fake";
  bool liveness = true;
  bool calibrated = true;
  double nms = 0.3;  ///< another one is another fingerprint
  double measured_to = 1e-5;
  double liveness_crop = 1;
  double min_score = 0.01;  ///< another one is another fingerprint too
};

/// The cosines of `fake`: 50 at 0.1, 60 at 0.3, 70 at 0.5, 80 at 0.7, 90 at 0.9. Two faces painted with
/// `who` d apart have the cosine of d degrees, so 45 apart match at 80 and 46 apart do not.
class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Writes a pack's folder; what was read of an older one is forgotten.
  void install(const PackChoice& pack);

  /// Takes a pack away, or its networks.
  void uninstall(const std::string& pack);
  void remove_network(const std::string& pack);

  /// Looks for packs there; what was read of others is forgotten.
  void use(const PackPlaces& places);
  std::unique_ptr<EngineCache> new_engines() const;
  static const RuntimeTable& runtimes(std::string_view library);

  /// A collection that asks for nothing: no quality, faces from 1 pixel.
  static Policy easy(Duplicates duplicates = Duplicates::kAllow);
  void create(const std::string& id, const Policy& policy = easy(), const std::string& pack = "fake");

  service::EnrollResult enroll(const std::string& id, const service::ProbeInput& probe,
                               const std::string& name = "someone", std::optional<Uuid> person = {});
  service::SearchResult search(const std::string& id, const service::ProbeInput& probe,
                               std::size_t limit = kDefaultCandidates);
  std::uint64_t faces(const std::string& id);

  /// Deletes a face that is there.
  void erase(const std::string& id, const Uuid& face);

  HookedStore store;
  std::unique_ptr<EngineCache> engines;
  service::Caller caller{service::kAnyScope, {}};  ///< who enroll() and search() ask as

  service::Context context() { return {store, *engines}; }

 private:
  std::filesystem::path folder_;
  PackPlaces places_;
};

}  // namespace facesearch::test
