// SPDX-License-Identifier: MIT
// Would codes of four bits in front of those of eight make a search faster? (docs/architecture.md, Decisions)
// Each template also has four bits a number, with a scale and an error of their own; rows that these do not
// rule out are looked at with eight bits, as ever. Both lie as a store would hold them: in memory, in a
// mapped file that is opened anew, and encrypted in blocks of 128 KiB. Times are multiples of one read, as
// those of match_scan, on the same templates. For processors with AVX-512 VNNI. Usage:
// half_codes [--rows N] [--rounds N] [--min-cosine C]. One line of JSON; exit status 1 where lists differ.
#include <fcntl.h>
#include <immintrin.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/match/exact_search.hpp"
#include "facesearch/service/machine/bench_gallery.hpp"
#include "facesearch/store/crypto/piece_cipher.hpp"

namespace {

using namespace facesearch;
using service::BenchGallery;
using storage::PieceCipher;

#define FACESEARCH_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

constexpr std::size_t kDimension = 128;
constexpr std::size_t kHalf = kDimension / 2;  // bytes of a row of four bits a number
constexpr std::size_t kLimit = 10;
constexpr std::size_t kTag = 16;

struct Options {
  std::size_t rows = 1'000'000;
  std::size_t rounds = 15;
  double min_cosine = 0.4;
};

// A block of `width` bytes a row, then a scale and an error a row.
struct Shape {
  std::size_t width = 0;
  std::size_t rows = 0;

  std::size_t bytes() const { return (width + 2 * sizeof(float)) * rows; }
  const float* scales(const std::uint8_t* block) const {
    return reinterpret_cast<const float*>(block + width * rows);
  }
  const float* errors(const std::uint8_t* block) const { return scales(block) + rows; }
};
constexpr Shape kCodes{kDimension, 960};  // as a store has them
constexpr Shape kHalves{kHalf, 1920};

// An unlinked file.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string name = std::filesystem::temp_directory_path() / "half-codes-XXXXXX";
    file_ = mkstemp(name.data());
    if (file_ < 0) throw std::runtime_error("no temporary file can be made");
    unlink(name.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { close(file_); }

  int get() const { return file_; }
  void add(std::span<const std::uint8_t> bytes) const {
    if (write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("a temporary file cannot be written");
  }

 private:
  int file_;
};

PieceCipher::Nonce nonce_of(std::size_t block) {
  PieceCipher::Nonce nonce{};
  std::memcpy(nonce.data(), &block, sizeof(block));
  return nonce;
}

// All blocks of a shape, in memory and in two files: as they are, and each encrypted, its tag behind it.
class Blocks {
 public:
  Blocks(const Shape& shape, std::size_t rows)
      : shape_(shape), rows_(rows), bytes_((rows + shape.rows - 1) / shape.rows * shape.bytes()) {}

  std::size_t count() const { return bytes_.size() / shape_.bytes(); }
  std::size_t rows_of(std::size_t block) const { return std::min(shape_.rows, rows_ - block * shape_.rows); }
  const Shape& shape() const { return shape_; }
  const std::uint8_t* block(std::size_t index) const { return bytes_.data() + index * shape_.bytes(); }
  const TemporaryFile& plain() const { return plain_; }
  const TemporaryFile& sealed() const { return sealed_; }

  void put(std::size_t row, std::span<const std::uint8_t> codes, float scale, float error) {
    std::uint8_t* block = bytes_.data() + row / shape_.rows * shape_.bytes();
    const std::size_t at = row % shape_.rows;
    std::ranges::copy(codes, block + at * shape_.width);
    std::uint8_t* floats = block + shape_.width * shape_.rows;
    std::memcpy(floats + at * sizeof(float), &scale, sizeof(float));
    std::memcpy(floats + (shape_.rows + at) * sizeof(float), &error, sizeof(float));
  }

  void write(const Secret& key) const {
    PieceCipher cipher;
    cipher.set_key(key);
    std::vector<std::uint8_t> out(shape_.bytes());
    for (std::size_t i = 0; i < count(); ++i) {
      const std::span bytes(block(i), shape_.bytes());
      PieceCipher::Tag tag{};
      cipher.seal(nonce_of(i), {}, bytes, out.data(), tag);
      plain_.add(bytes);
      sealed_.add(out);
      sealed_.add(tag);
    }
  }

 private:
  Shape shape_;
  std::size_t rows_;
  std::vector<std::uint8_t> bytes_;
  TemporaryFile plain_;
  TemporaryFile sealed_;
};

enum class Place { kMemory, kMapped, kSealed };

// Gives blocks as a process that has just begun gets them.
class Reader {
 public:
  Reader(const Blocks& blocks, Place place, const Secret& key) : blocks_(blocks), place_(place) {
    if (place == Place::kMemory) return;
    const bool sealed = place == Place::kSealed;
    size_ = blocks.count() * (blocks.shape().bytes() + (sealed ? kTag : 0));
    void* map =
        mmap(nullptr, size_, PROT_READ, MAP_SHARED, (sealed ? blocks.sealed() : blocks.plain()).get(), 0);
    if (map == MAP_FAILED) throw std::runtime_error("a temporary file cannot be mapped");
    map_ = static_cast<std::uint8_t*>(map);
    if (!sealed) return;
    cipher_.set_key(key);
    open_.resize(blocks.shape().bytes());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (map_ != nullptr) munmap(map_, size_);
  }

  const std::uint8_t* read(std::size_t index) {
    const std::size_t bytes = blocks_.shape().bytes();
    if (place_ == Place::kMemory) return blocks_.block(index);
    if (place_ == Place::kMapped) return map_ + index * bytes;
    if (index == last_) return open_.data();
    last_ = index;
    ++opened_;
    const std::span sealed(map_ + index * (bytes + kTag), bytes);
    PieceCipher::Tag tag{};
    std::memcpy(tag.data(), sealed.data() + bytes, kTag);
    if (!cipher_.open(nonce_of(index), {}, sealed, tag, open_.data()))
      throw std::runtime_error("a block does not open");
    return open_.data();
  }

  std::size_t opened() const { return opened_; }

 private:
  const Blocks& blocks_;
  Place place_;
  std::uint8_t* map_ = nullptr;
  std::size_t size_ = 0;
  PieceCipher cipher_;
  std::vector<std::uint8_t> open_;
  std::size_t last_ = ~std::size_t{0};
  std::size_t opened_ = 0;
};

// Four bits k stand for (k − 7.5) × scale; of some scales the one with the least error. Byte j of a row has
// number j and, above it, number j + 64.
void put_half(Blocks& halves, std::size_t row, std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::fabs(static_cast<double>(value)));
  std::array<std::uint8_t, kHalf> best{};
  double best_scale = 0;
  double best_error = 1e9;
  for (int step = 12; step <= 20; ++step) {
    const double scale = step / 20.0 * most / 7.5;
    std::array<std::uint8_t, kDimension> codes{};
    double error = 0;
    for (std::size_t i = 0; i < kDimension; ++i) {
      const double value = static_cast<double>(values[i]);
      const int code = std::clamp(static_cast<int>(std::floor(value / scale + 8)), 0, 15);
      codes[i] = static_cast<std::uint8_t>(code);
      error += (value - scale * (code - 7.5)) * (value - scale * (code - 7.5));
    }
    if (error >= best_error) continue;
    best_error = error;
    best_scale = scale;
    for (std::size_t j = 0; j < kHalf; ++j)
      best[j] = static_cast<std::uint8_t>(codes[j] | codes[j + kHalf] << 4U);
  }
  halves.put(row, best, static_cast<float>(best_scale), static_cast<float>(std::sqrt(best_error) * 1.00001));
}

// A probe as rows of four bits are held against it.
struct HalfProbe {
  explicit HalfProbe(const Template& probe) {
    double most = 0;
    for (const float value : probe) most = std::max(most, std::fabs(static_cast<double>(value)));
    const double step = most / 127;
    double off = 0;
    double norm = 0;
    int sum = 0;
    for (std::size_t i = 0; i < kDimension; ++i) {
      const int code = static_cast<int>(std::lround(static_cast<double>(probe[i]) / step));
      codes[i] = static_cast<std::int8_t>(code);
      sum += code;
      norm += static_cast<double>(code) * code;
      off += std::pow(static_cast<double>(probe[i]) - step * code, 2);
    }
    scale = static_cast<float>(step);
    offset = 7.5F * static_cast<float>(sum);
    per_error = static_cast<float>(step * std::sqrt(norm) * 1.00001);
    base = static_cast<float>(std::sqrt(off) * 1.0001 + 1e-5);
  }

  alignas(64) std::array<std::int8_t, kDimension> codes{};
  float scale = 0;
  float offset = 0;
  float per_error = 0;
  float base = 0;
};

FACESEARCH_VNNI inline __m512i quarters(__m512i a, __m512i b) {
  return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

// The sums of four registers, four of each: those of one row side by side in each quarter.
FACESEARCH_VNNI inline __m512i sums_of_four(const __m512i* rows) {
  const __m512i a =
      _mm512_add_epi32(_mm512_unpacklo_epi32(rows[0], rows[1]), _mm512_unpackhi_epi32(rows[0], rows[1]));
  const __m512i b =
      _mm512_add_epi32(_mm512_unpacklo_epi32(rows[2], rows[3]), _mm512_unpackhi_epi32(rows[2], rows[3]));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
}

// Which of 16 rows may reach a cosine.
FACESEARCH_VNNI unsigned reach(const std::uint8_t* rows, const float* scales, const float* errors,
                               const HalfProbe& probe, float cosine) {
  const __m512i low = _mm512_load_si512(probe.codes.data());
  const __m512i high = _mm512_load_si512(probe.codes.data() + kHalf);
  const __m512i nibble = _mm512_set1_epi8(15);
  for (int i = 0; i < 16; ++i) _mm_prefetch(reinterpret_cast<const char*>(rows + 2048 + i * 64), _MM_HINT_T0);
  __m512i fours[4];
  for (int four = 0; four < 4; ++four) {
    __m512i sums[4];
    for (int i = 0; i < 4; ++i) {
      const __m512i row = _mm512_loadu_si512(rows + (four * 4 + i) * 64);
      const __m512i half = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_and_si512(row, nibble), low);
      sums[i] = _mm512_dpbusd_epi32(half, _mm512_and_si512(_mm512_srli_epi16(row, 4), nibble), high);
    }
    fours[four] = sums_of_four(sums);
  }
  const __m512i dots = quarters(quarters(fours[0], fours[1]), quarters(fours[2], fours[3]));
  const __m512 near = _mm512_mul_ps(_mm512_mul_ps(_mm512_loadu_ps(scales), _mm512_set1_ps(probe.scale)),
                                    _mm512_sub_ps(_mm512_cvtepi32_ps(dots), _mm512_set1_ps(probe.offset)));
  const __m512 off =
      _mm512_fmadd_ps(_mm512_loadu_ps(errors), _mm512_set1_ps(probe.per_error), _mm512_set1_ps(probe.base));
  return _mm512_cmp_ps_mask(_mm512_add_ps(near, off), _mm512_set1_ps(cosine), _CMP_GE_OQ);
}

CodeBlock codes_of(const std::uint8_t* block, std::size_t index, std::size_t first, std::size_t rows) {
  static constexpr auto kAllLive = [] {
    std::array<std::uint64_t, kCodes.rows / 64> words{};
    words.fill(~std::uint64_t{0});
    return words;
  }();
  CodeBlock codes;
  codes.first_slot = index * kCodes.rows + first;
  codes.rows = rows;
  codes.stride = kDimension;
  codes.codes = block + first * kDimension;
  codes.scales = kCodes.scales(block) + first;
  codes.errors = kCodes.errors(block) + first;
  codes.live = kAllLive.data();
  return codes;
}

struct Found {
  std::vector<Candidate> best;
  std::size_t looked = 0;  // rows that four bits leave open
  std::size_t opened = 0;  // blocks of codes that were decrypted
};

class Comparison {
 public:
  explicit Comparison(const Options& options)
      : options_(options),
        gallery_(options.rows, kDimension),
        codes_(kCodes, options.rows),
        halves_(kHalves, options.rows),
        key_(Secret::random()) {
    std::vector<std::uint8_t> codes(kDimension);
    for (std::size_t row = 0; row < options.rows; ++row) {
      const CodeScale scale = encode_template(gallery_.row(row), codes);
      codes_.put(row, codes, scale.scale, scale.error);
      put_half(halves_, row, gallery_.row(row));
    }
    codes_.write(key_);
    halves_.write(key_);
  }

  // One line of JSON. False where the two ways differ.
  bool run() {
    constexpr std::array<std::pair<const char*, Place>, 3> kPlaces{
        {{"memory", Place::kMemory}, {"mapped", Place::kMapped}, {"sealed", Place::kSealed}}};
    bool same = true;
    volatile double sum = 0;
    for (const Template& probe : service::random_templates(options_.rounds, kDimension, 2)) {
      timed("read", [&] { sum = gallery_.read(); });
      for (const auto& [name, place] : kPlaces) {
        Found eight;
        Found four;
        timed(std::string("eight_") + name, [&, at = place] { eight = by_eight(probe, at); });
        timed(std::string("four_") + name, [&, at = place] { four = by_four(probe, at); });
        looked_.push_back(static_cast<double>(four.looked));
        if (place == Place::kSealed) opened_.push_back(static_cast<double>(four.opened));
        same = same && std::ranges::equal(eight.best, four.best, [](const auto& a, const auto& b) {
                 return a.face == b.face && a.cosine == b.cosine;
               });
      }
    }
    print();
    return same;
  }

 private:
  template <typename Work>
  void timed(const std::string& name, Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    times_[name].push_back(took.count());
  }

  static double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  }

  void print() const {
    const double read = median(times_.at("read"));
    std::string json = fmt::format("{{\"rows\":{},\"read_ms\":{:.2f}", options_.rows, read);
    for (const auto& [name, found] : times_) {
      if (name != "read") json += fmt::format(",\"{}\":{:.3f}", name, median(found) / read);
    }
    fmt::print("{},\"looked\":{:.0f},\"opened\":{:.0f},\"blocks\":{}}}\n", json, median(looked_),
               median(opened_), codes_.count());
  }

  ExactSearch search_of(const Template& probe) const {
    return {{probe, options_.min_cosine, kLimit, 0, {}}, best_kernel()};
  }

  void score(ExactSearch& search, Found& found) const {
    for (const std::uint64_t slot : search.survivors())
      search.score(BenchGallery::id_of(slot), gallery_.row(slot));
    found.best = search.take();
  }

  Found by_eight(const Template& probe, Place place) const {
    ExactSearch search = search_of(probe);
    Reader reader(codes_, place, key_);
    for (std::size_t i = 0; i < codes_.count(); ++i)
      search.scan(codes_of(reader.read(i), i, 0, codes_.rows_of(i)));
    Found found;
    score(search, found);
    return found;
  }

  Found by_four(const Template& probe, Place place) const {
    ExactSearch search = search_of(probe);
    const HalfProbe half(probe);
    Reader halves(halves_, place, key_);
    Reader codes(codes_, place, key_);
    Found found;
    for (std::size_t i = 0; i < halves_.count(); ++i) {
      const std::uint8_t* block = halves.read(i);
      for (std::size_t first = 0; first < halves_.rows_of(i); first += 16) {
        unsigned open = reach(block + first * kHalf, kHalves.scales(block) + first,
                              kHalves.errors(block) + first, half, search.bounds().reach);
        const std::size_t there = halves_.rows_of(i) - first;
        if (there < 16) open &= (1U << there) - 1;
        for (; open != 0; open &= open - 1) {
          const std::size_t row = i * kHalves.rows + first + static_cast<unsigned>(__builtin_ctz(open));
          const std::size_t index = row / kCodes.rows;
          search.scan(codes_of(codes.read(index), index, row % kCodes.rows, 1));
          ++found.looked;
        }
      }
    }
    found.opened = codes.opened();
    score(search, found);
    return found;
  }

  Options options_;
  BenchGallery gallery_;
  Blocks codes_;
  Blocks halves_;
  Secret key_;
  std::map<std::string, std::vector<double>> times_;
  std::vector<double> looked_;
  std::vector<double> opened_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool known = argc % 2 == 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--rows") {
      options.rows = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (name == "--rounds") {
      options.rounds = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (name == "--min-cosine") {
      options.min_cosine = std::strtod(argv[i + 1], nullptr);
    } else {
      known = false;
    }
  }
  if (!known || options.rows == 0 || options.rounds == 0) {
    fmt::print(stderr, "usage: half_codes [--rows N] [--rounds N] [--min-cosine C]; N is 1 or more\n");
    return 2;
  }
  if (!is_available(Kernel::kVnni)) {
    fmt::print(stderr, "half_codes: this processor has no AVX-512 VNNI\n");
    return 1;
  }
  return Comparison(options).run() ? 0 : 1;
}
