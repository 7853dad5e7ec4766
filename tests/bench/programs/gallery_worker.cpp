// SPDX-License-Identifier: MIT
// The program's own side of the benchmark `peers`: makes the templates that everybody searches, fills a
// collection with them, and answers searches beside the peers, which run in processes of their own.
//
//   make FOLDER ROWS PROBES               rows.f32 and probes.f32: 128 floats each, two rows a person; every
//                                         second probe shows one of them
//   fill STORE COLLECTION FOLDER [ROWS]   enrols the rows, or the first ones; a face's id tells its row
//   serve STORE FOLDER                    answers each line of standard input with a line of JSON
//
// A line is a way to search, the first probe and how many: `memory 0 512`. All are searched at once, by one
// thread. `pairs ROWS COSINE FILE` compares the first rows with each other, and leaves the pairs in a file.
// Times are processor time. The master key is where fill_store looks for it.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "face_like.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/match/pair_search.hpp"
#include "facesearch/service/machine/bench_gallery.hpp"
#include "facesearch/service/search/gallery_search.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"
#include "float_product.hpp"
#ifdef FACESEARCH_FAISS
#include "faiss_flat.hpp"
#endif

namespace {

using namespace facesearch;
using service::BenchGallery;
namespace fs = std::filesystem;

constexpr std::size_t kDimension = 128;
constexpr std::size_t kLimit = 10;
constexpr std::size_t kCommit = 16'384;
constexpr std::size_t kProbesSeed = 2;

void write_template(std::ofstream& file, const Template& values) {
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(float)));
}

std::vector<float> floats_of(const fs::path& path) {
  std::vector<float> floats(fs::file_size(path) / sizeof(float));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(floats.data()),
            static_cast<std::streamsize>(floats.size() * sizeof(float)));
  return floats;
}

void make_templates(const fs::path& folder, std::size_t rows, std::size_t probes) {
  FaceLike faces(kDimension, 1);
  FaceLike others(kDimension, kProbesSeed);
  std::ofstream row_file(folder / "rows.f32", std::ios::binary);
  std::ofstream probe_file(folder / "probes.f32", std::ios::binary);
  const std::size_t persons = (rows + 1) / 2;
  const std::size_t step = std::max<std::size_t>(1, persons / ((probes + 1) / 2));
  std::size_t made = 0;
  for (std::size_t person = 0; person < persons; ++person) {
    const Template centre = faces.person();
    for (std::size_t row = 2 * person; row < std::min(rows, 2 * person + 2); ++row) {
      write_template(row_file, faces.photograph(centre));
    }
    if (person % step != 0) continue;
    if (made++ < probes) write_template(probe_file, others.photograph(centre));
    if (made++ < probes) write_template(probe_file, others.photograph(others.person()));
  }
  while (made++ < probes) write_template(probe_file, others.photograph(others.person()));
}

fs::path master_keys() {
  if (const char* folder = std::getenv("FACESEARCH_MASTER_KEYS")) return folder;
  const char* folder = std::getenv("XDG_CONFIG_HOME");
  return fs::path(folder == nullptr ? "" : folder) / "facesearch" / "master-keys";
}

std::unique_ptr<Store> open_store(const fs::path& folder) {
  StoreOptions options;
  options.master_key = MasterKeyPlace{[](const Uuid& store) { return master_keys() / store.text(); },
                                      [] { return std::nullopt; }};
  return open_lmdb_store(folder, options);
}

void enrol(const fs::path& folder, const std::string& id, const std::vector<float>& floats) {
  const auto store = open_store(folder);
  const auto collection = store->open(id);
  const std::size_t rows = floats.size() / kDimension;
  for (std::size_t first = 0; first < rows; first += kCommit) {
    collection->write([&](WriteTransaction& transaction) {
      for (std::size_t row = first; row < std::min(rows, first + kCommit); ++row) {
        Uuid face = BenchGallery::id_of(row);
        face.bytes.back() = 1;  // no face has the id 0
        transaction.add({face, face, "somebody", {}, now()},
                        std::span(floats).subspan(row * kDimension, kDimension));
      }
    });
  }
}

std::uint64_t row_of(const Uuid& face) {
  std::uint64_t row = 0;
  for (std::size_t i = 0; i < 8; ++i) row = row << 8 | face.bytes.at(i);
  return row;
}

double processor_ms() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return 1e3 * static_cast<double>(spent.tv_sec) + 1e-6 * static_cast<double>(spent.tv_nsec);
}

using Lists = std::vector<std::vector<Candidate>>;
using Probes = std::span<const Template>;

class Worker {
 public:
  Worker(fs::path store, const fs::path& folder)
      : store_(std::move(store)), gallery_(gallery_of(floats_of(folder / "rows.f32"))) {
    const std::vector<float> values = floats_of(folder / "probes.f32");
    for (auto at = values.begin(); at != values.end(); at += kDimension)
      probes_.emplace_back(at, at + kDimension);
    ways_["read"] = [this](Probes) { return sum_ = gallery_->read(), Lists(); };
    ways_["memory"] = [this](Probes probes) {
      return gallery_->search(probes, kLimit, best_kernel(), 1).lists;
    };
    ways_["floats"] = [this](Probes probes) {
      return sum_ = static_cast<double>(FloatProduct(probes).run(gallery_->floats())), Lists();
    };
    for (const std::string id : {"plain", "sealed"}) {
      ways_[id + "-anew"] = [this, id](Probes probes) {
        close();
        open(id);
        return found_in(*view_, probes);
      };
      ways_[id + "-kept"] = [this](Probes probes) { return found_in(*view_, probes); };
    }
#ifdef FACESEARCH_FAISS
    ways_["debian-faiss"] = [this](Probes probes) { return found_by_faiss(probes); };
#endif
  }

  /// What the line asks for, as JSON; empty where it is not understood.
  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string way;
    std::size_t first = 0;
    std::size_t count = 0;
    words >> way;
    if (way == "pairs") return pairs(words);
    if (way == "close") return close(), std::string("{}");
    if (way == "ways") return names();
    words >> first >> count;
    if (words.fail() || !ways_.contains(way) || first + count > probes_.size()) return "";
    const double start = processor_ms();
    const Lists lists = ways_.at(way)(Probes(probes_).subspan(first, count));
    return json_of(lists, processor_ms() - start);
  }

 private:
  static std::unique_ptr<BenchGallery> gallery_of(const std::vector<float>& floats) {
    std::size_t next = 0;
    return std::make_unique<BenchGallery>(floats.size() / kDimension, kDimension, [&] {
      const auto row = floats.begin() + static_cast<std::ptrdiff_t>(kDimension * next++);
      return Template(row, row + kDimension);
    });
  }

  void close() {
    view_ = nullptr;
    collection_ = nullptr;
    opened_ = nullptr;
  }

  void open(const std::string& id) {
    opened_ = open_store(store_);
    collection_ = opened_->open(id);
    view_ = collection_->snapshot();
  }

  static Lists found_in(const Snapshot& view, Probes probes) {
    std::vector<service::GalleryQuery> queries;
    for (const Template& probe : probes) queries.push_back({probe, -1, kLimit});
    Lists lists;
    for (auto& matches : service::search_gallery(view, queries, {})) {
      lists.push_back(std::move(matches.candidates));
    }
    return lists;
  }

#ifdef FACESEARCH_FAISS
  Lists found_by_faiss(Probes probes) const {
    Lists lists;
    if (probes.size() > 1) {
      std::vector<float> together;
      for (const Template& probe : probes) together.insert(together.end(), probe.begin(), probe.end());
      faiss_->search_many(together, kLimit);
      return lists;
    }
    for (const Template& probe : probes) {
      auto& list = lists.emplace_back();
      for (const RowScore& found : faiss_->search(probe, kLimit)) {
        list.push_back({BenchGallery::id_of(found.row), found.cosine});
      }
    }
    return lists;
  }
#endif

  std::string names() const {
    std::string version;
#ifdef FACESEARCH_FAISS
    version = faiss_version();
#endif
    std::string json =
        fmt::format("{{\"kernel\":\"{}\",\"faiss\":\"{}\",\"ways\":[", name_of(best_kernel()), version);
    for (const auto& [name, way] : ways_) json += fmt::format("\"{}\",", name);
    json.back() = ']';
    return json + "}";
  }

  static std::string json_of(const Lists& lists, double took) {
    std::string rows;
    std::string scores;
    for (const auto& list : lists) {
      rows += rows.empty() ? "[" : ",[";
      scores += scores.empty() ? "[" : ",[";
      for (const Candidate& candidate : list) {
        rows += fmt::format("{}{}", rows.back() == '[' ? "" : ",", row_of(candidate.face));
        scores += fmt::format("{}{:.9f}", scores.back() == '[' ? "" : ",", candidate.cosine);
      }
      rows += "]";
      scores += "]";
    }
    return fmt::format("{{\"cpu_ms\":{:.4f},\"rows\":[{}],\"scores\":[{}]}}", took, rows, scores);
  }

  std::string pairs(std::istringstream& words) const {
    std::size_t count = 0;
    double cosine = 0;
    std::string file;
    words >> count >> cosine >> file;
    if (words.fail() || count > gallery_->faces()) return "";
    const double start = processor_ms();
    PairRows rows(kDimension);
    for (std::size_t i = 0; i < count; ++i) {
      rows.add(i, BenchGallery::id_of(i), BenchGallery::id_of(i), gallery_->row(i));
    }
    rows.arrange();
    const auto found = search_pairs(
        rows, {cosine, 1000, false, std::uint64_t{1} << 30U}, best_kernel(), 1,
        [&](std::span<const std::uint64_t> slots, const auto& visit) {
          for (const std::uint64_t slot : slots) visit(slot, gallery_->row(slot));
        },
        [](std::uint64_t, std::uint64_t) {});
    const double took = processor_ms() - start;
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(found.edges.data()),
               static_cast<std::streamsize>(found.edges.size() * sizeof(RowPair)));
    return fmt::format("{{\"cpu_ms\":{:.4f},\"pairs\":{}}}", took, found.total);
  }

  fs::path store_;
  std::unique_ptr<BenchGallery> gallery_;
  std::vector<Template> probes_;
  std::map<std::string, std::function<Lists(Probes)>> ways_;
#ifdef FACESEARCH_FAISS
  std::unique_ptr<FaissFlat> faiss_ = make_faiss_flat(kDimension, gallery_->floats());
#endif
  volatile double sum_ = 0;  // so that no read and no product is left out
  std::unique_ptr<Store> opened_;
  std::unique_ptr<Collection> collection_;
  std::unique_ptr<Snapshot> view_;
};

int serve(const fs::path& store, const fs::path& folder) {
  Worker worker(store, folder);
  for (std::string line; std::getline(std::cin, line);) {
    const std::string answer = worker.answer(line);
    if (answer.empty()) {
      fmt::print(stderr, "gallery_worker: not understood: {}\n", line);
      return 2;
    }
    std::cout << answer << std::endl;
  }
  return 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "make") {
    return make_templates(words[1], std::stoul(words[2]), std::stoul(words[3])), 0;
  }
  if ((words.size() == 4 || words.size() == 5) && words[0] == "fill") {
    std::vector<float> floats = floats_of(fs::path(words[3]) / "rows.f32");
    if (words.size() == 5) floats.resize(std::min(floats.size(), kDimension * std::stoul(words[4])));
    return enrol(words[1], words[2], floats), 0;
  }
  if (words.size() == 3 && words[0] == "serve") return serve(words[1], words[2]);
  fmt::print(stderr,
             "usage: gallery_worker make FOLDER ROWS PROBES | fill STORE COLLECTION FOLDER |\n"
             "                      serve STORE FOLDER\n");
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run({arguments + 1, arguments + count});
  } catch (const Error& error) {
    fmt::print(stderr, "gallery_worker: {}\n", error.detail());
    return 1;
  }
}
