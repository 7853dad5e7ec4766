// SPDX-License-Identifier: MIT
// HEIC and AVIF files that are small, and would take much memory or time: each is put together here.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/heif_pictures.hpp"
#include "image/tight_memory.hpp"

namespace hostile_heif {
namespace {

using pictures::Bytes;

constexpr facesearch::ImageLimits kFewPixels{32U << 20U, 10'000, 4096};  // 2,040,000 with all parts
constexpr std::uint64_t kFew = 64;
constexpr std::uint64_t kMany = 2048;

// Takes numbers of any count of bits.
class Bits {
 public:
  Bits& put(std::uint64_t value, std::size_t count) {
    for (; count > 0; --count, ++used_) {
      if (used_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() =
          static_cast<std::uint8_t>(bytes_.back() | (value >> (count - 1) & 1U) << (7 - used_ % 8));
    }
    return *this;
  }
  Bits& golomb(std::uint64_t value) {
    std::size_t count = 0;
    while ((value + 1) >> (count + 1) != 0) ++count;
    return put(0, count).put(value + 1, count + 1);
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  std::size_t used_ = 0;
};

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes number(std::uint64_t value, std::size_t bytes) {
  return Bits().put(value, 8 * bytes).bytes();
}

Bytes times(std::size_t count, const Bytes& part) {
  Bytes all;
  for (; count > 0; --count) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes text(const std::string& letters) {
  return {letters.begin(), letters.end()};
}

Bytes box(const std::string& name, const Bytes& content) {
  return number(8 + content.size(), 4) + text(name) + content;
}

Bytes size_box(std::uint64_t width, std::uint64_t height) {
  return box("ispe", number(0, 4) + number(width, 4) + number(height, 4));
}

struct Item {
  std::string type;
  std::vector<std::uint8_t> properties;  // numbered from 1, as the items are
  Bytes data;
};

struct File {
  std::vector<Item> items;
  std::vector<Bytes> properties;
  Bytes references;
  Bytes locations;     // instead of those of the items, after the box's version
  Bytes associations;  // once more, after those of the items
  Bytes more;          // in the box of the properties' container
  std::size_t pieces = 1;
};

Bytes meta_of(const File& file, std::size_t start) {
  Bytes entries;
  Bytes places = number(0x4400, 2) + number(file.items.size(), 2);
  Bytes owned;
  std::uint64_t id = 0;
  for (const Item& item : file.items) {
    entries = entries + box("infe", number(2U << 24U, 4) + number(++id, 2) + number(0, 2) + text(item.type) +
                                        number(0, 1));
    places = places + number(id, 2) + number(0, 2) + number(file.pieces, 2);
    for (std::size_t piece = 0; piece < file.pieces; ++piece) {
      const std::size_t from = item.data.size() * piece / file.pieces;
      const std::size_t to = item.data.size() * (piece + 1) / file.pieces;
      places = places + number(start + from, 4) + number(to - from, 4);
    }
    start += item.data.size();
    owned = owned + number(id, 2) + number(item.properties.size(), 1) + item.properties;
  }
  Bytes container = file.more;
  for (const Bytes& property : file.properties) container = container + property;
  const Bytes associations = box("ipma", number(0, 4) + number(file.items.size(), 4) + owned);
  const Bytes handler = box("hdlr", number(0, 8) + text("pict") + times(13, {0}));
  return box("meta", number(0, 4) + handler + box("pitm", number(0, 4) + number(1, 2)) +
                         box("iinf", number(0, 4) + number(file.items.size(), 2) + entries) +
                         box("iloc", number(0, 4) + (file.locations.empty() ? places : file.locations)) +
                         box("iref", number(0, 4) + file.references) +
                         box("iprp", box("ipco", container) + associations + file.associations));
}

Bytes bytes_of(const File& file) {
  const Bytes head = box("ftyp", text("mif1") + number(0, 4) + text("mif1heic"));
  Bytes data;
  for (const Item& item : file.items) data = data + item.data;
  return head + meta_of(file, head.size() + meta_of(file, 0).size() + 8) + box("mdat", data);
}

std::string why_refused(const Bytes& bytes, const facesearch::ImageLimits& limits = kFewPixels) {
  try {
    decode(bytes, limits, pictures::kModules);
  } catch (const facesearch::Error& error) {
    return error.detail();
  }
  return "none";
}

const std::string kPrefix = "the HEIC picture cannot be decoded: ";
const std::string kManyPixels = kPrefix + "its parts have many more pixels than a picture may have";

// A picture of AV1, as heif-enc writes it, with the data in pieces.
File pattern(std::size_t pieces = 1) {
  const Bytes whole = pictures::heif("pattern.avif");
  const auto content = [&whole](const std::string& name) {
    const auto at = std::search(whole.begin(), whole.end(), name.begin(), name.end());
    REQUIRE(at != whole.end());
    std::size_t size = 0;
    for (auto byte = at - 4; byte != at; ++byte) size = size << 8U | *byte;
    return Bytes(at + 4, at - 4 + static_cast<std::ptrdiff_t>(size));
  };
  File file;
  file.properties = {size_box(48, 32), box("av1C", content("av1C"))};
  file.items = {{"av01", {1, 2}, content("mdat")}};
  file.pieces = pieces;
  return file;
}

// What a stream of AV1 has beside what it must have.
struct Av1 {
  bool model = false;  // of a decoder's buffers
  bool display = false;
  bool numbers = false;  // of frames
  bool order = false;
  bool equal = false;  // intervals
};

constexpr std::size_t kSideBits = 12;

Bytes obu(unsigned type, const Bytes& payload) {
  Bytes size;
  for (std::size_t left = payload.size();; left >>= 7U) {
    size.push_back(static_cast<std::uint8_t>((left & 127U) | (left > 127 ? 128U : 0U)));
    if (left <= 127) break;
  }
  return number(type << 3U | 2U, 1) + size + payload;
}

Bytes sequence(const Av1& has) {
  Bits bits;
  bits.put(0, 5).put(has.model || has.equal ? 1 : 0, 1);
  if (has.model || has.equal) {
    bits.put(1, 32).put(1, 32).put(has.equal ? 1 : 0, 1);
    if (has.equal) bits.golomb(5);
    bits.put(has.model ? 1 : 0, 1);
    if (has.model) bits.put(9, 5).put(1, 32).put(10, 5).put(11, 5);
  }
  bits.put(has.display ? 1 : 0, 1).put(1, 5);  // two operating points, of which the second has one layer
  for (const std::uint64_t layers : {0U, 0x101U}) {
    bits.put(layers, 12).put(8, 5).put(0, 1);
    if (has.model) bits.put(1, 1).put(0, 21);
    if (has.display) bits.put(1, 1).put(3, 4);
  }
  bits.put(kSideBits - 1, 4).put(kSideBits - 1, 4).put(47, kSideBits).put(31, kSideBits);
  bits.put(has.numbers ? 1 : 0, 1);
  if (has.numbers) bits.put(3, 4).put(2, 3);  // a difference of 5 bits, a number of 8
  bits.put(0, 3).put(0, 4).put(has.order ? 1 : 0, 1);
  if (has.order) bits.put(0, 2);
  bits.put(1, 1).put(1, 1);  // each frame says whether it is of screen content, and moves by whole pixels
  if (has.order) bits.put(6, 3);
  return obu(1, bits.put(0, 20).bytes());
}

enum class Frame : std::uint8_t { kKey, kHiddenKey, kInter, kResilient, kIntraOnly, kSwitch };

// A frame of a size of its own.
Bytes frame(const Av1& has, Frame kind, std::uint64_t side, bool as_reference = false) {
  const bool inter = kind == Frame::kInter || kind == Frame::kResilient || kind == Frame::kSwitch;
  const bool resilient = kind == Frame::kKey || kind == Frame::kResilient || kind == Frame::kSwitch;
  const std::uint64_t type = kind == Frame::kSwitch ? 3 : inter ? 1 : kind == Frame::kIntraOnly ? 2 : 0;
  Bits bits;
  bits.put(0, 1).put(type, 2).put(kind == Frame::kHiddenKey ? 0 : 1, 1);
  if (kind == Frame::kHiddenKey) bits.put(1, 1);
  if (kind != Frame::kHiddenKey && has.model && !has.equal) bits.put(0, 12);
  if (kind != Frame::kKey && kind != Frame::kSwitch) bits.put(resilient ? 1 : 0, 1);
  bits.put(0, 1).put(1, 1).put(0, 1);
  if (has.numbers) bits.put(0, 8);
  if (kind != Frame::kSwitch) bits.put(1, 1);  // a size of its own
  if (has.order) bits.put(0, 7);
  if (inter && !resilient) bits.put(0, 3);
  if (has.model) bits.put(1, 1).put(0, 2 * 11);
  if (kind != Frame::kKey && kind != Frame::kSwitch) bits.put(1, 8);
  if (resilient && inter && has.order) bits.put(0, 8 * 7);
  if (inter) {
    if (has.order) bits.put(0, 1);
    for (int i = 0; i < 7; ++i) bits.put(0, has.numbers ? 3 + 5 : 3);
    if (!resilient) bits.put(as_reference ? 1 : 0, as_reference ? 1 : 7);
  }
  return obu(6, bits.put(side - 1, kSideBits).put(side - 1, kSideBits).put(0, 64).bytes());
}

Bytes av1_file(const Bytes& stated, const Bytes& data) {
  File file;
  file.properties = {size_box(48, 32), box("av1C", Bytes{0x81, 0, 0, 0} + stated)};
  file.items = {{"av01", {1, 2}, data}};
  return bytes_of(file);
}

// `kept` pictures and one more are kept for reference.
Bytes sequence_parameters(std::uint64_t side, std::uint64_t kept = 0) {
  Bits bits;
  bits.put(1, 8).put(~0ULL, 64).put(~0ULL, 32).golomb(0).golomb(1).golomb(side).golomb(side);
  bits.put(1, 1).golomb(0).golomb(2).golomb(0).golomb(3);  // a crop
  bits.golomb(0).golomb(0).golomb(4).put(0, 1).golomb(kept).golomb(0).golomb(0);
  return Bytes{33 << 1, 1} + bits.bytes();
}

Bytes slice(unsigned type, bool first = true) {
  return {static_cast<std::uint8_t>(type << 1U), 1, static_cast<std::uint8_t>(first ? 0xC0 : 0x40), 0x55};
}

constexpr unsigned kInstant = 19;  // a picture that refers to no other (IDR)

Bytes with_length(const Bytes& unit, std::size_t bytes = 4) {
  return number(unit.size(), bytes) + unit;
}

Bytes hevc_file(const Bytes& stated, const Bytes& data, std::size_t length_bytes = 4) {
  File file;
  const Bytes arrays = Bytes{1, 33} + number(1, 2) + with_length(stated, 2);
  file.properties = {size_box(48, 32),
                     box("hvcC", times(21, {0}) + number(0xFC | (length_bytes - 1), 1) + arrays)};
  file.items = {{"hvc1", {1, 2}, data}};
  return bytes_of(file);
}

}  // namespace

TEST_CASE("a picture may be in several pieces of a HEIF file, and not in many") {
  CHECK(why_refused(bytes_of(pattern(1))) == "none");
  CHECK(why_refused(bytes_of(pattern(32))) == "none");
  CHECK(why_refused(bytes_of(pattern(33))) == kPrefix + "an item of it is in more than 32 pieces");
}

TEST_CASE("pieces that take no bytes of a HEIF file are refused before they are counted out") {
  const std::string twice = kPrefix + "an item of it has the same place twice";
  for (const std::uint64_t first : {1U, 5000U}) {  // items that the file has; and such as it has not
    CAPTURE(first);
    File file = pattern();
    file.items.resize(2000, file.items.front());
    file.locations = number(0, 2) + number(2000, 2);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      file.locations = file.locations + number(first + i, 2) + number(0, 2) + number(65'535, 2);
    }
    const Bytes bytes = bytes_of(file);
    why_refused(bytes);  // loads the module
    std::string why;
    if (tight::kCanLimit) {
      const tight::Limit limit(std::size_t{64} << 20U);
      why = why_refused(bytes);
    } else {
      why = why_refused(bytes);
    }
    CHECK(why == (first == 1 ? twice : kPrefix + "the data of a picture is not in it"));
  }
}

TEST_CASE("places of a HEIF file in numbers of other sizes than 0, 4 and 8 bytes are refused") {
  for (const std::uint64_t sizes : {0x1400U, 0x4F00U, 0x4420U}) {
    File file = pattern();
    file.locations = number(sizes, 2) + times(64, {0});
    CHECK(why_refused(bytes_of(file)) == kPrefix + "its item locations are of an unknown kind");
  }
}

TEST_CASE("what a HEIF file says twice of one item is refused") {
  File file = pattern();
  file.associations = box("ipma", number(0, 4) + number(1, 4) + number(1, 2) + Bytes{2, 1, 2});
  CHECK(why_refused(bytes_of(file)) == kPrefix + "it has two lists of properties for one item");
  file = pattern();
  file.items[0].properties = {1, 2, 2};
  CHECK(why_refused(bytes_of(file)) == kPrefix + "it has two boxes 'av1C' for one item");
}

TEST_CASE("a box of a HEIF file with very many boxes is refused") {
  File file = pattern();
  file.more = times(19'998, box("free", {}));
  file.items[0].properties.clear();
  CHECK(why_refused(bytes_of(file)) == kPrefix + "its primary picture has no size");
  file.more = times(19'999, box("free", {}));
  CHECK(why_refused(bytes_of(file)) == kPrefix + "a box in it has more than 20,000 boxes");
}

TEST_CASE("a large box that many pictures of a HEIF file share is refused") {
  File file = pattern();
  file.properties[1] = box("av1C", times(500'000, {0}));
  file.items.resize(41, file.items.front());
  file.items[0] = {"grid", {1}, Bytes{0, 0, 0, 39} + number(48, 2) + number(32, 2)};
  file.references = number(1, 2) + number(40, 2);
  for (std::uint64_t id = 2; id < 42; ++id) file.references = file.references + number(id, 2);
  file.references = box("dimg", file.references);
  CHECK(why_refused(bytes_of(file)) == kPrefix + "its pictures share large boxes 'hvcC' or 'av1C'");
}

TEST_CASE("the sides in each header of an AV1 frame count, whatever its sequence header says") {
  for (unsigned set = 0; set < 32; ++set) {
    const Av1 has{(set & 1U) != 0, (set & 2U) != 0, (set & 4U) != 0, (set & 8U) != 0, (set & 16U) != 0};
    for (const Frame kind : {Frame::kKey, Frame::kHiddenKey, Frame::kInter, Frame::kResilient,
                             Frame::kIntraOnly, Frame::kSwitch}) {
      CAPTURE(set, kind);
      CHECK(why_refused(av1_file({}, sequence(has) + frame(has, kind, kMany))) == kManyPixels);
      CHECK(why_refused(av1_file({}, sequence(has) + frame(has, kind, kFew))) != kManyPixels);
    }
  }
}

TEST_CASE("the sides of an AV1 frame count wherever its data begins") {
  const Bytes large = frame({}, Frame::kKey, kMany);
  const Bytes small = frame({}, Frame::kKey, kFew);
  CHECK(why_refused(av1_file(sequence({}), large)) == kManyPixels);
  CHECK(why_refused(av1_file(sequence({}) + large, small)) == kManyPixels);
  CHECK(why_refused(av1_file(sequence({}), small + sequence({}) + large)) == kManyPixels);
  // The box ends with the head of a unit without a size, which goes on in the data.
  const Bytes payload(large.begin() + 2, large.end());
  CHECK(why_refused(av1_file(sequence({}) + Bytes{6 << 3}, payload)) == kManyPixels);
  CHECK(why_refused(av1_file(sequence({}), small)) != kManyPixels);
  // An alpha plane, which is always dav1d's.
  File file = pattern();
  file.properties.push_back(
      box("auxC", number(0, 4) + text("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha") + number(0, 1)));
  file.items.push_back({"av01", {1, 2, 3}, sequence({}) + large});
  file.references = box("auxl", number(2, 2) + number(1, 2) + number(1, 2));
  CHECK(why_refused(bytes_of(file)) == kManyPixels);
  // Of all parts together this would be a third; one alone may be no larger than a picture, and its edges.
  CHECK(why_refused(bytes_of(file), {1U << 20U, 2'100'000, 4096}) == kManyPixels);
  CHECK(why_refused(bytes_of(file), {1U << 20U, 2'200'000, 4096}) != kManyPixels);
}

TEST_CASE("all frames of an AV1 picture count together") {
  const Bytes one = frame({}, Frame::kHiddenKey, 512);
  const Bytes same = frame({}, Frame::kInter, 1, true);  // as large as a frame that it refers to
  CHECK(why_refused(av1_file({}, sequence({}) + times(7, one))) != kManyPixels);
  CHECK(why_refused(av1_file({}, sequence({}) + times(8, one))) == kManyPixels);
  CHECK(why_refused(av1_file({}, sequence({}) + one + times(7, same))) == kManyPixels);
  CHECK(why_refused(av1_file({}, sequence({}) + times(500, frame({}, Frame::kKey, 1)))) == kManyPixels);
}

TEST_CASE("any sequence parameter set of a HEVC picture counts, wherever it is") {
  const Bytes small = with_length(sequence_parameters(kFew));
  const Bytes large = with_length(sequence_parameters(kMany));
  const Bytes picture = with_length(slice(kInstant));
  CHECK(why_refused(hevc_file(sequence_parameters(kFew), small + picture)) != kManyPixels);
  CHECK(why_refused(hevc_file(sequence_parameters(kMany), small + picture)) == kManyPixels);
  CHECK(why_refused(hevc_file(sequence_parameters(kFew), large + small + picture)) == kManyPixels);
  CHECK(why_refused(hevc_file(sequence_parameters(kFew), small + picture + large)) == kManyPixels);
  // libheif takes each length to have 4 bytes. 2 bytes each would make of this one unknown unit after
  // another.
  CHECK(why_refused(hevc_file(sequence_parameters(kFew), large + picture, 2)) == kManyPixels);
  CHECK(why_refused(hevc_file(sequence_parameters(kFew), with_length(sequence_parameters(kMany), 2), 2)) ==
        kManyPixels);
}

TEST_CASE("all pictures, slices and tables of a HEVC picture count together") {
  const auto file = [](const Bytes& units) { return hevc_file(sequence_parameters(512), units); };
  const Bytes picture = with_length(slice(kInstant));
  CHECK(why_refused(file(times(7, picture))) != kManyPixels);
  CHECK(why_refused(file(times(8, picture))) == kManyPixels);
  CHECK(why_refused(file(picture + times(440, with_length(slice(kInstant, false))))) == kManyPixels);
  const Bytes table = with_length({34 << 1, 1, 0x80});
  CHECK(why_refused(file(times(40, table) + picture)) != kManyPixels);
  CHECK(why_refused(file(times(56, table) + picture)) == kManyPixels);
}

TEST_CASE("the references that a HEVC picture lacks count, unless it can have none") {
  constexpr unsigned kInter = 1;
  constexpr unsigned kRandomAccess = 21;  // decodable alone, and yet with references in its header (CRA)
  const auto file = [](std::uint64_t kept, unsigned type) {
    return hevc_file(sequence_parameters(700, kept), with_length(slice(type)));
  };
  for (const unsigned type : {kInter, kRandomAccess}) {
    CAPTURE(type);
    CHECK(why_refused(file(15, type)) == kManyPixels);
    CHECK(why_refused(file(2, type)) != kManyPixels);
  }
  CHECK(why_refused(file(15, kInstant)) != kManyPixels);
}

}  // namespace hostile_heif
