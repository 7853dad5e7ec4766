// SPDX-License-Identifier: MIT
// 1:1 accuracy on lfw-dev, through the path of every verb (service::make_probe):
//   lfw SHARED MODELS RUNTIMES [--pack NAME] [--models DIR] [--top N] [--every N] [--check] [--curve]
//       [--people FILE] [--persons]
// Prints one JSON document: five-fold accuracy, faces not found, TAR and cosine at FMR 10^-1 … 10^-5 over all
// cross-person pairs. --top lists the most similar non-mates; --every takes every Nth pair and the pictures
// in these; --check exits with 1 where a pack has become worse than its documents say; --curve adds the
// cosine at every tenth of a decade of the FMR; --people takes synthetic people (models/people) and prints
// their curve alone; --persons adds the operating points of means (`of_means`), and what matching by person
// does (lfw_persons.hpp).
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"
#include "facesearch/match/operating_points.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/packs/mean_points.hpp"
#include "facesearch/service/packs/synthetic_people.hpp"
#include "facesearch/service/probe/probe.hpp"
#include "lfw_persons.hpp"

namespace {

namespace fs = std::filesystem;
using namespace facesearch;

// What a pack must reach with --check, and how much less on a part of the pairs.
struct Bar {
  double accuracy;
  double tar;  // at FMR 1e-3
  double not_found;
};
constexpr Bar kLessOnPart{0.015, 0.06, -0.003};
const std::map<std::string, Bar> kBars{{"mini", {0.955, 0.8, 0.003}},
                                       {"mobilefacenet", {0.982, 0.965, 0.003}}};

struct Pair {
  int fold;
  bool same;
  std::string a;
  std::string b;
};

struct Options {
  fs::path data;
  PackPlaces places;
  fs::path runtimes;
  std::string pack = "mini";
  std::size_t top = 0;
  std::size_t every = 1;
  bool check = false;
  bool curve = false;
  bool persons = false;
  fs::path people{};
};

std::vector<Pair> read_pairs(const fs::path& file, std::size_t every) {
  std::ifstream stream(file);
  std::vector<Pair> pairs;
  std::string line;
  std::getline(stream, line);
  for (std::size_t number = 0; std::getline(stream, line); ++number) {
    if (number % every != 0) continue;
    std::istringstream fields(line);
    std::string fold, same, a, b;
    std::getline(fields, fold, ',');
    std::getline(fields, same, ',');
    std::getline(fields, a, ',');
    std::getline(fields, b, ',');
    pairs.push_back({std::stoi(fold), same == "1", a, b});
  }
  return pairs;
}

// All pictures, or those of a part of the pairs.
std::vector<std::string> files_of(const std::vector<Pair>& pairs, const Options& options) {
  std::set<std::string> files;
  if (options.every > 1) {
    for (const Pair& pair : pairs) files.insert({pair.a, pair.b});
  } else {
    for (const auto& entry : fs::directory_iterator(options.data / "images"))
      files.insert(entry.path().filename());
  }
  return {files.begin(), files.end()};
}

// The same person under two names, or one photograph under two, found by looking at the most similar
// "non-mates" (--top).
const std::set<std::pair<std::string, std::string>> kSamePerson{{"Chyung_Dai-chul", "Dai_Chul_Chyung"},
                                                                {"Cristina_Fernandez", "Cristina_Kirchner"},
                                                                {"Gabrielle_Rose", "Martha_Bowen"},
                                                                {"Hasan_Wirayuda", "Hassan_Wirajuda"}};

std::string person_of(const std::string& file) {
  return file.substr(0, file.rfind('_'));
}

std::vector<std::uint8_t> read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Templates by file name; files whose face is not found are left out.
std::map<std::string, Template> templates_of(
    const std::vector<std::string>& files, const Options& options,
    const std::function<std::vector<std::uint8_t>(const std::string&)>& read) {
  std::map<std::string, Template> templates;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const service::ProbeRules rules{
      .side = {false, 0, SeveralFaces::kLargest}, .quality = QualityLevel::kNone, .min_face_px = 0};
  const auto work = [&] {
    EngineCache engines(options.places, runtimes_in(options.runtimes));
    for (std::size_t i = next++; i < files.size(); i = next++) {
      try {
        auto probe = service::make_probe(engines.engine(options.pack), read(files[i]), rules);
        const std::lock_guard lock(mutex);
        templates[files[i]] = std::move(probe.values);
      } catch (const Error& error) {
        if (error.reason() != "FACE_NOT_FOUND") throw;
      }
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  threads.clear();
  return templates;
}

struct Scored {
  int fold;
  bool same;
  double cosine;
};

double share_right(const std::vector<Scored>& pairs, double threshold) {
  const auto right =
      std::ranges::count_if(pairs, [&](const Scored& p) { return (p.cosine > threshold) == p.same; });
  return static_cast<double>(right) / static_cast<double>(pairs.size());
}

/// Each fold judged at the threshold that is best on the other four.
std::pair<double, double> five_fold(const std::vector<Scored>& pairs) {
  std::vector<double> accuracy;
  for (int fold = 0; fold < 5; ++fold) {
    std::vector<Scored> train, test;
    std::ranges::partition_copy(pairs, std::back_inserter(test), std::back_inserter(train),
                                [&](const Scored& p) { return p.fold == fold; });
    double best = -1;
    double threshold = 0;
    // A pack's cosines may lie anywhere: dlib's best threshold is 0.906.
    for (int step = -1000; step < 1000; ++step) {
      const double t = 0.001 * step;
      if (const double share = share_right(train, t); share > best) {
        best = share;
        threshold = t;
      }
    }
    accuracy.push_back(share_right(test, threshold));
  }
  double mean = 0, variance = 0;
  for (const double a : accuracy) mean += a / 5;
  for (const double a : accuracy) variance += (a - mean) * (a - mean) / 5;
  return {mean, std::sqrt(variance)};
}

struct NonMates {
  CosineCounts cosines;
  std::vector<std::tuple<double, std::string, std::string>> top;
};

NonMates all_non_mates(const std::map<std::string, Template>& templates, std::size_t top) {
  NonMates found;
  for (auto a = templates.begin(); a != templates.end(); ++a) {
    for (auto b = std::next(a); b != templates.end(); ++b) {
      const std::string one = person_of(a->first), other = person_of(b->first);
      if (one == other || kSamePerson.contains({one, other})) continue;
      const double cosine = exact_cosine(a->second, b->second);
      found.cosines.add(cosine);
      if (top > 0 && cosine > 0.45) found.top.emplace_back(cosine, a->first, b->first);
    }
  }
  std::ranges::sort(found.top, std::greater<>());
  found.top.resize(std::min(top, found.top.size()));
  return found;
}

// The cosines at FMR 10^-0.1, 10^-0.2 …, for as long as ten pairs are above.
std::vector<double> curve_of(const CosineCounts& cosines) {
  std::vector<double> curve;
  for (int tenths = 1;; ++tenths) {
    const double above = static_cast<double>(cosines.total()) * std::pow(10.0, -0.1 * tenths);
    if (above < 10) return curve;
    curve.push_back(cosines.exceeded_by(static_cast<std::uint64_t>(above)));
  }
}

void print_people(const Options& options) {
  const service::SyntheticPeople people(options.people);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < people.count(); ++i) names.push_back(std::to_string(i));
  const auto templates = templates_of(names, options, [&](const std::string& name) {
    const auto picture = people.picture(std::stoul(name));
    return std::vector<std::uint8_t>(picture.begin(), picture.end());
  });
  CosineCounts cosines;
  for (auto a = templates.begin(); a != templates.end(); ++a) {
    for (auto b = std::next(a); b != templates.end(); ++b) cosines.add(exact_cosine(a->second, b->second));
  }
  fmt::print("{{\"pack\":\"{}\",\"people\":{},\"found\":{},\"pairs\":{},\"curve\":[{:.5f}]}}\n", options.pack,
             people.count(), templates.size(), cosines.total(), fmt::join(curve_of(cosines), ","));
}

// The sample people: clear portraits, four of each.
std::map<std::string, Template> sample_templates(const Options& options) {
  const fs::path folder = options.data.parent_path() / "sample-people";
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().filename());
  std::erase_if(files, [](const std::string& file) { return !file.ends_with(".jpg"); });
  return templates_of(files, options, [&](const std::string& file) { return read_file(folder / file); });
}

// The members of --persons, with the comma before them.
std::string members_of_persons(const std::map<std::string, Template>& templates, Calibration points,
                               const Options& options) {
  std::vector<Template> values;
  std::vector<std::string> persons;
  std::map<std::string, std::string> person_of_file;
  for (const auto& [file, own] : templates) {
    std::string person = person_of(file);
    for (const auto& [name, other] : kSamePerson) {
      if (person == other) person = name;
    }
    values.push_back(own);
    persons.push_back(person);
    person_of_file[file] = person;
  }
  const service::MeanPoints means =
      service::measure_means(values, persons, points, [](std::size_t, std::size_t) { return false; });
  points.of_means = means.of_means;
  std::vector<std::string> lists;
  if (means.of_means) {
    for (const auto& list : *means.of_means) lists.push_back(fmt::format("[{:.4f}]", fmt::join(list, ",")));
  }
  const auto samples = sample_templates(options);
  std::map<std::string, std::string> sample_persons;
  for (const auto& [file, own] : samples) sample_persons[file] = file.substr(0, file.rfind('-'));
  return fmt::format(
      ",\"of_means\":[{}],\"mean_comparisons\":[{}],\"mean_points_measured\":[{}],\"persons\":{},"
      "\"sample_people\":{}",
      fmt::join(lists, ","), fmt::join(means.comparisons, ","), fmt::join(means.measured, ","),
      test::person_figures(templates, points, person_of_file),
      test::mixed_figures(samples, points, sample_persons));
}

Options parse(int argc, char** argv) {
  Options options;
  options.data = fs::path(argv[1]) / "data" / "lfw-dev";
  options.places = {.models = fs::path(argv[1]) / "models",
                    .catalog = argv[2],
                    .made = fs::path(argv[3]).parent_path().parent_path() / "share/facesearch/networks"};
  options.runtimes = argv[3];
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--check") options.check = true;
    if (word == "--curve") options.curve = true;
    if (word == "--people") options.people = argv[++i];
    if (word == "--persons") options.persons = true;
    if (word == "--pack") options.pack = argv[++i];
    if (word == "--every") options.every = std::max(1UL, std::stoul(argv[++i]));
    if (word == "--top") options.top = std::stoul(argv[++i]);
    if (word == "--models") options.places.models = argv[++i];
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  (void)::setenv("OPENBLAS_NUM_THREADS", "1", 0);  // as the program does
  if (argc < 4) {
    fmt::print(
        stderr,
        "usage: {} SHARED MODELS RUNTIMES [--pack NAME] [--models DIR] [--top N] [--every N] [--check] "
        "[--curve] [--people FILE] [--persons]\n",
        argv[0]);
    return 2;
  }
  const Options options = parse(argc, argv);
  if (!options.people.empty()) {
    print_people(options);
    return 0;
  }
  if (!fs::exists(options.data)) {
    fmt::print("skipped: {} is not there\n", options.data.string());
    return 77;
  }
  const auto pairs = read_pairs(options.data / "pairs.csv", options.every);
  const std::vector<std::string> files = files_of(pairs, options);
  const auto templates = templates_of(
      files, options, [&](const std::string& file) { return read_file(options.data / "images" / file); });

  std::vector<Scored> scored;
  std::vector<double> mates;
  for (const Pair& pair : pairs) {
    const auto a = templates.find(pair.a), b = templates.find(pair.b);
    // A face that is not found is a pair that does not match.
    const double cosine =
        a == templates.end() || b == templates.end() ? -1 : exact_cosine(a->second, b->second);
    scored.push_back({pair.fold, pair.same, cosine});
    if (pair.same) mates.push_back(cosine);
  }
  const auto [accuracy, spread] = five_fold(scored);
  const NonMates others = all_non_mates(templates, options.top);
  const Calibration points = operating_points(others.cosines, options.pack).calibration;
  std::array<double, 5> found{};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double point = points.cosine_at_fmr[i];
    found[i] = static_cast<double>(std::ranges::count_if(mates, [&](double c) { return c >= point; })) /
               static_cast<double>(mates.size());
  }
  const double missed = 1 - static_cast<double>(templates.size()) / static_cast<double>(files.size());
  fmt::print(
      "{{\"pack\":\"{}\",\"pictures\":{},\"not_found\":{:.5f},\"pairs\":{},\"accuracy\":{:.4f},\"spread\":{:."
      "4f},"
      "\"non_mates\":{},\"cosine_at_fmr\":[{:.4f}],\"measured_to\":{:.0e},\"tar_at_fmr\":[{:.4f}]{}}}\n",
      options.pack, files.size(), missed, pairs.size(), accuracy, spread, others.cosines.total(),
      fmt::join(points.cosine_at_fmr, ","), points.measured_to, fmt::join(found, ","),
      (options.curve ? fmt::format(",\"curve\":[{:.5f}]", fmt::join(curve_of(others.cosines), ",")) : "") +
          (options.persons ? members_of_persons(templates, points, options) : ""));
  for (const auto& [value, a, b] : others.top) fmt::print(stderr, "{:.4f} {} {}\n", value, a, b);
  if (!options.check) return 0;
  Bar bar = kBars.at(options.pack);
  if (options.every > 1) {
    bar = {bar.accuracy - kLessOnPart.accuracy, bar.tar - kLessOnPart.tar,
           bar.not_found - kLessOnPart.not_found};
  }
  const bool good = accuracy >= bar.accuracy && found[2] >= bar.tar && missed <= bar.not_found;
  if (!good) {
    fmt::print(stderr, "under the bar: accuracy >= {}, mates found at FMR 1e-3 >= {}, not found <= {}\n",
               bar.accuracy, bar.tar, bar.not_found);
  }
  return good ? 0 : 1;
}
