// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/calibrate.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/provisional_points.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/machine/doctor.hpp"
#include "facesearch/service/probe/probe.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::service {
namespace {

constexpr std::chrono::milliseconds kMaxWaitToKeep{10'000};

// The template of each picture; empty if it was skipped.
std::vector<Template> extract_all(const CalibrateRequest& request, const PictureWork& work,
                                  std::map<std::string, std::size_t>& skipped) {
  std::vector<Template> templates(request.pictures.size());
  std::mutex mutex;
  const ProbeRules rules{.side = {false, 0, SeveralFaces::kLargest}, .quality = QualityLevel::kNone};
  for_each_picture(work, templates.size(), [&](EngineCache& engines, std::size_t i) {
    FaceEngine& engine = engines.engine(request.pack);
    const std::string reason = fault_of_picture([&] {
      const auto picture = work.read(request.pictures[i].file);
      require_picture(picture);
      templates[i] = make_probe(engine, picture, rules).values;
    });
    const std::lock_guard lock(mutex);
    if (!reason.empty()) ++skipped[reason];
  });
  return templates;
}

// Compares the pairs and counts their cosines.
class Comparison {
 public:
  Comparison(const CalibrateRequest& request, const std::vector<Template>& templates)
      : request_(request), templates_(templates) {}

  void run() {
    if (request_.pairs) {
      for (const LabelledPair& pair : *request_.pairs) compare(pair.a, pair.b, pair.mates);
      return;
    }
    for (std::size_t a = 0; a < templates_.size(); ++a) {
      for (std::size_t b = a + 1; b < templates_.size(); ++b) {
        compare(a, b, request_.pictures[a].person == request_.pictures[b].person);
      }
    }
  }

  std::vector<AlikePair> take_top() {
    std::sort_heap(top_.begin(), top_.end(), more_alike);
    return std::move(top_);
  }

  CosineCounts non_mates;
  bool excludes(std::size_t a, std::size_t b) const {
    if (request_.excluded.empty()) return false;
    const LabelledPicture& one = request_.pictures[a];
    const LabelledPicture& other = request_.pictures[b];
    return is_excluded(one.file, other.file) || is_excluded(one.person, other.person);
  }

  std::vector<double> mates;
  std::uint64_t excluded = 0;

 private:
  static bool more_alike(const AlikePair& one, const AlikePair& other) { return one.cosine > other.cosine; }

  bool is_excluded(const std::string& one, const std::string& other) const {
    return request_.excluded.contains({one, other}) || request_.excluded.contains({other, one});
  }

  void compare(std::size_t a, std::size_t b, bool are_mates) {
    if (templates_[a].empty() || templates_[b].empty()) return;
    const LabelledPicture& one = request_.pictures[a];
    const LabelledPicture& other = request_.pictures[b];
    if (excludes(a, b)) {
      ++excluded;
      return;
    }
    const double cosine = exact_cosine(templates_[a], templates_[b]);
    if (are_mates) {
      mates.push_back(cosine);
      return;
    }
    non_mates.add(cosine);
    if (top_.size() == request_.top && (top_.empty() || cosine <= top_.front().cosine)) return;
    top_.push_back({one.file, other.file, cosine});
    std::push_heap(top_.begin(), top_.end(), more_alike);
    if (top_.size() <= request_.top) return;
    std::pop_heap(top_.begin(), top_.end(), more_alike);
    top_.pop_back();
  }

  const CalibrateRequest& request_;
  const std::vector<Template>& templates_;
  std::vector<AlikePair> top_;  // a heap, the least alike in front
};

std::size_t count_people(const std::vector<LabelledPicture>& pictures,
                         const std::vector<Template>& templates) {
  std::set<std::string_view> people;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (!templates[i].empty()) people.insert(pictures[i].person);
  }
  return people.size();
}

// A source that could not be read back is refused before the work.
void require_source(const std::string& source, const std::string& fingerprint) {
  const Calibration any{{0.1, 0.2, 0.3, 0.4, 0.5}, 0.1, source};
  (void)parse_calibration(calibration_document(any, "any", fingerprint), fingerprint);
}

// A misspelt name would leave a labelling error in.
void require_known(const CalibrateRequest& request) {
  std::set<std::string_view> names;
  for (const LabelledPicture& picture : request.pictures) {
    names.insert(picture.file);
    if (!picture.person.empty()) names.insert(picture.person);
  }
  for (const auto& [one, other] : request.excluded) {
    for (const std::string& name : {one, other}) {
      if (names.contains(name)) continue;
      throw Error(Cause::kInvalidValue, "LIST_INVALID",
                  fmt::format("'{}' is to be excluded and is no file and no person that is compared", name));
    }
  }
}

// The error names what the measurement has shown so far.
OperatingPoints points_of(const CosineCounts& non_mates, const CalibrateRequest& request,
                          const CalibrateResult& result) {
  try {
    return request.provisional ? provisional_points(non_mates, request.source)
                               : operating_points(non_mates, request.source);
  } catch (const Error& error) {
    std::string detail = error.detail();
    for (const auto& [reason, count] : result.skipped)
      detail += fmt::format("; {} pictures: {}", count, reason);
    if (error.is(reason::kPairsAlike) && !result.top.empty()) {
      const AlikePair& pair = result.top.front();
      detail += fmt::format("; the most alike are {} and {}, cosine {:.4f}", pair.a, pair.b, pair.cosine);
    }
    throw Error(error.cause(), error.reason(), detail);
  }
}

}  // namespace

CalibrateResult calibrate(const CalibrateRequest& request, const PictureWork& work) {
  CalibrateResult result;
  result.pack = request.pack;
  result.fingerprint = fingerprint(work.engines()->pack(request.pack));
  result.pictures = request.pictures.size();
  require_source(request.source, result.fingerprint);
  require_known(request);
  const std::vector<Template> templates = extract_all(request, work, result.skipped);
  if (!request.pairs) result.people = count_people(request.pictures, templates);

  Comparison comparison(request, templates);
  comparison.run();
  result.mates = comparison.mates.size();
  result.non_mates = comparison.non_mates.total();
  result.excluded = comparison.excluded;
  result.top = comparison.take_top();
  result.points = points_of(comparison.non_mates, request, result);
  if (!request.pairs && !request.provisional) {
    std::vector<std::string> persons;
    persons.reserve(request.pictures.size());
    for (const LabelledPicture& picture : request.pictures) persons.push_back(picture.person);
    result.means = measure_means(templates, persons, result.points.calibration,
                                 [&](std::size_t a, std::size_t b) { return comparison.excludes(a, b); });
    result.points.calibration.of_means = result.means->of_means;
  }
  for (std::size_t i = 0; i < result.tar.size() && result.mates > 0; ++i) {
    const double point = result.points.calibration.cosine_at_fmr.at(i);
    const auto above =
        std::ranges::count_if(comparison.mates, [&](double cosine) { return cosine >= point; });
    result.tar.at(i) = static_cast<double>(above) / static_cast<double>(result.mates);
  }
  return result;
}

CalibrateResult calibrate_provisionally(const PackPlaces& places, const std::string& pack, PictureWork work) {
  const SyntheticPeople people(people_file(places));
  work.read = [&](const std::string& number) {
    const auto picture = people.picture(std::stoul(number));
    return std::vector<std::uint8_t>(picture.begin(), picture.end());
  };
  CalibrateRequest request;
  request.pack = pack;
  request.top = 0;
  request.source = fmt::format("estimated from {} people who do not exist", people.count());
  request.provisional = true;
  for (std::size_t i = 0; i < people.count(); ++i)
    request.pictures.push_back({std::to_string(i), std::to_string(i)});
  return calibrate(request, work);
}

void prepare_calibrations(const PackPlaces& places) {
  const std::filesystem::path above = places.calibrations.parent_path().parent_path();
  std::error_code failed;
  std::filesystem::create_directories(above, failed);
  if (failed) storage::throw_errno(failed.value(), "make the folder", above);
  storage::make_private_folder(places.calibrations.parent_path());
  storage::make_private_folder(places.calibrations);
}

void require_unmeasured(const PackPlaces& places, const std::string& pack) {
  const auto there = find_calibration(places, find_pack(places, pack));
  if (!there || there->provisional) return;
  throw Error(
      Cause::kInvalidValue, "PACK_CALIBRATED",
      fmt::format("the pack {} has a calibration that was measured ({}); a provisional one would not be "
                  "used. Leave out --write to see it",
                  pack, there->source));
}

std::filesystem::path keep_calibration(const PackPlaces& places, const CalibrateResult& result) {
  prepare_calibrations(places);
  // Another process may have measured the pack since this estimate began.
  storage::LockFile lock(places.calibrations.parent_path() / "calibrations.lock");
  storage::Patience patience(kMaxWaitToKeep);
  patience.is_given = false;
  lock.lock(0, storage::LockMode::kExclusive, patience, "the folder of calibrations");
  if (result.points.calibration.provisional) require_unmeasured(places, result.pack);
  std::filesystem::path file = calibration_file(places, result.fingerprint);
  replace_file(file, calibration_document(result.points.calibration, result.pack, result.fingerprint));
  return file;
}

void estimate_installed(const PackPlaces& places, InstallResult& result, const PictureWork& work) {
  if (result.pack.calibration || !result.pack.ready()) return;
  std::string why_none;
  bool interrupted = false;
  try {
    why_none =
        fault_of([&] { keep_calibration(places, calibrate_provisionally(places, result.pack.name, work)); });
  } catch (const Stopped&) {
    interrupted = true;
  }
  result.pack = show_pack(places, result.pack.name);  // somebody may have measured it meanwhile
  result.lacks = lacks_of(places, result.pack);
  for (PackLack& lack : result.lacks) {
    if (lack.what != LackKind::kCalibration || result.pack.calibration) continue;
    if (interrupted) {
      lack.detail = "it has no calibration, because the estimate was interrupted";
      lack.command = estimate_command(places, result.pack);
    } else {
      lack.detail = "it has no calibration, and none could be estimated: " + why_none;
    }
  }
}

}  // namespace facesearch::service
