// SPDX-License-Identifier: MIT
// Reads the boxes of a HEIF file (ISO/IEC 23008-12) as far as limits need them: which item is the primary
// picture, of which items it is made, and how large each is. libheif reads the same boxes again, and decodes.
// It would decode a tile of any size, as often as a grid names it; so the sizes are added up here before.
// Whatever is ambiguous (two boxes where one belongs) is refused, so that both see the same picture. Time and
// memory grow with the file's size: what takes no bytes of the file is not counted out, and what libheif
// limits as well (boxes in a box, pieces of an item) is limited here.
#include "facesearch/image/heif/boxes.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/image/formats.hpp"
#include "facesearch/image/heif/coded_size.hpp"

namespace facesearch {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// A number or a part of a box, from front to back. Throws where the box ends before.
class Reader {
 public:
  Reader(Bytes bytes, const char* format) : bytes_(bytes), format_(format) {}

  bool done() const { return bytes_.empty(); }

  Bytes take(std::uint64_t size) {
    if (size > bytes_.size()) throw_undecodable(format_, "it is cut off, or a box in it is damaged");
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(bytes)) value = value << 8U | byte;
    return value;
  }

  std::string name() {
    const Bytes four = take(4);
    return {four.begin(), four.end()};
  }

  Bytes rest() { return take(bytes_.size()); }

 private:
  Bytes bytes_;
  const char* format_;
};

// For an error's words: anything may be in a file.
std::string printable_type(std::string type) {
  for (char& letter : type) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return type;
}

struct Box {
  std::string name;
  Bytes content;
};

struct Item {
  std::string type;
  std::vector<Bytes> extents;
  bool elsewhere = false;  // its data is in another file, or in other items
  std::vector<std::uint16_t> properties;
  std::vector<std::uint32_t> made_of;    // the tiles of a grid, for example
  std::vector<std::uint32_t> auxiliary;  // its alpha plane, for example
};

class HeifFile {
 public:
  HeifFile(Bytes file, const ImageLimits& limits, const char* format)
      : file_(file), limits_(limits), format_(format) {}

  HeifCoding check();

 private:
  struct Parameters {
    HevcPixels units;
    std::size_t length_bytes = 4;
  };
  struct Cost {
    std::uint64_t pixels = 0;
    std::uint64_t bytes = 0;
    std::uint64_t parameter_bytes = 0;
  };

  [[noreturn]] void fail(const std::string& why) const { throw_undecodable(format_, why); }

  Reader reader(Bytes bytes) const { return {bytes, format_}; }
  std::vector<Box> boxes_in(Bytes bytes) const;
  std::optional<Bytes> only(const std::vector<Box>& boxes, std::string_view name) const;
  void read_meta(Bytes content);
  void read_items(Bytes content);
  void read_locations(Bytes content, Bytes inner);
  void read_item_location(Reader& box, std::uint64_t version, std::uint64_t sizes, Bytes inner);
  Bytes extent(Bytes source, std::uint64_t offset, std::uint64_t length) const;
  void read_references(Bytes content);
  void read_properties(Bytes content);
  void read_associations(Bytes content);
  const Item& item(std::uint64_t id) const;
  CodedSize stated_size(const Item& item) const;
  std::optional<std::size_t> parameter_box(const Item& item) const;
  const Parameters& hevc_parameters(std::size_t index);
  Bytes av1_parameters(std::size_t index) const;
  std::vector<std::uint8_t> data_of(const Item& item) const;
  std::uint64_t coded_pixels(const Item& item, const std::vector<std::uint8_t>& data);
  std::uint64_t hevc_pixels(std::optional<std::size_t> parameters, Bytes data);
  const Cost& cost(std::uint64_t id);
  void add(std::uint64_t id, int depth);
  Bytes meta() const;

  Bytes file_;
  ImageLimits limits_;
  const char* format_;
  std::uint64_t primary_ = 0;
  std::map<std::uint64_t, Item> items_;
  std::vector<Box> properties_;
  // Kept, because a hostile file names an item or a box thousands of times.
  std::map<std::size_t, Parameters> parameters_;
  std::map<std::uint64_t, Cost> costs_;
  Cost total_;  // of all that is decoded, as often as it is decoded
};

std::vector<Box> HeifFile::boxes_in(Bytes bytes) const {
  constexpr std::size_t kMostBoxes = 20'000;
  std::vector<Box> boxes;
  Reader left = reader(bytes);
  while (!left.done()) {
    std::uint64_t size = left.number(4);
    Box box{left.name(), {}};
    std::uint64_t head = 8;
    if (size == 1) {
      size = left.number(8);
      head = 16;
    }
    if (size == 0) {
      box.content = left.rest();
    } else {
      if (size < head) fail("a box in it is damaged");
      box.content = left.take(size - head);
    }
    if (boxes.size() == kMostBoxes) fail("a box in it has more than 20,000 boxes");
    boxes.push_back(std::move(box));
  }
  return boxes;
}

std::optional<Bytes> HeifFile::only(const std::vector<Box>& boxes, std::string_view name) const {
  std::optional<Bytes> found;
  for (const Box& box : boxes) {
    if (box.name != name) continue;
    if (found) fail("it has two boxes '" + std::string(name) + "'");
    found = box.content;
  }
  return found;
}

void HeifFile::read_items(Bytes content) {
  Reader box = reader(content);
  const std::uint64_t version = box.number(4) >> 24U;
  box.take(version == 0 ? 2 : 4);
  for (const Box& entry : boxes_in(box.rest())) {
    if (entry.name != "infe") continue;
    Reader info = reader(entry.content);
    const std::uint64_t entry_version = info.number(4) >> 24U;
    if (entry_version < 2) continue;  // without a type: no picture
    const std::uint64_t id = info.number(entry_version == 2 ? 2 : 4);
    info.take(2);
    const auto [at, added] = items_.try_emplace(id);
    if (!added) fail("it has two items of one number");
    at->second.type = info.name();
  }
}

Bytes HeifFile::extent(Bytes source, std::uint64_t offset, std::uint64_t length) const {
  // Cut off where the item is not among those that are decoded: seen when it is asked for.
  if (offset > source.size() || length > source.size() - offset) return {};
  return length == 0 ? source.subspan(offset) : source.subspan(offset, length);
}

void HeifFile::read_item_location(Reader& box, std::uint64_t version, std::uint64_t sizes, Bytes inner) {
  constexpr std::uint64_t kMostExtents = 32;
  const std::size_t offset_bytes = sizes >> 12U & 15U;
  const std::size_t length_bytes = sizes >> 8U & 15U;
  const std::size_t base_bytes = sizes >> 4U & 15U;
  const std::size_t index_bytes = version == 0 ? 0 : sizes & 15U;
  const std::uint64_t id = box.number(version < 2 ? 2 : 4);
  const std::uint64_t method = version == 0 ? 0 : box.number(2) & 15U;
  const bool elsewhere = box.number(2) != 0 || method > 1;
  const std::uint64_t base = box.number(base_bytes);
  const std::uint64_t count = box.number(2);
  const auto found = items_.find(id);
  if (found == items_.end()) {
    box.take(count * (index_bytes + offset_bytes + length_bytes));
    return;
  }
  Item& item = found->second;
  if (!item.extents.empty()) fail("it has two places for one item");
  if (count > 1 && offset_bytes + length_bytes == 0) fail("an item of it has the same place twice");
  if (count > kMostExtents) fail(fmt::format("an item of it is in more than {} pieces", kMostExtents));
  item.extents.reserve(count);
  for (std::uint64_t left = count; left > 0; --left) {
    box.take(index_bytes);
    const std::uint64_t offset = base + box.number(offset_bytes);
    item.extents.push_back(extent(method == 1 ? inner : file_, offset, box.number(length_bytes)));
  }
  item.elsewhere = elsewhere;
}

void HeifFile::read_locations(Bytes content, Bytes inner) {
  Reader box = reader(content);
  const std::uint64_t version = box.number(4) >> 24U;
  if (version > 2) fail("its item locations are of an unknown kind");
  const std::uint64_t sizes = box.number(2);
  for (std::uint64_t left = version == 0 ? sizes >> 4U : sizes; left > 0; left >>= 4U) {
    const std::uint64_t bytes = left & 15U;
    if (bytes != 0 && bytes != 4 && bytes != 8) fail("its item locations are of an unknown kind");
  }
  for (std::uint64_t left = box.number(version < 2 ? 2 : 4); left > 0; --left) {
    read_item_location(box, version, sizes, inner);
  }
}

void HeifFile::read_references(Bytes content) {
  Reader box = reader(content);
  const std::size_t id_bytes = box.number(4) >> 24U == 0 ? 2 : 4;
  for (const Box& reference : boxes_in(box.rest())) {
    Reader ids = reader(reference.content);
    const std::uint64_t from = ids.number(id_bytes);
    for (std::uint64_t left = ids.number(2); left > 0; --left) {
      const auto to = static_cast<std::uint32_t>(ids.number(id_bytes));
      const bool derived = reference.name == "dimg";
      if (!derived && reference.name != "auxl") continue;
      const auto found = items_.find(derived ? from : to);
      if (found == items_.end()) continue;
      (derived ? found->second.made_of : found->second.auxiliary)
          .push_back(derived ? to : static_cast<std::uint32_t>(from));
    }
  }
}

void HeifFile::read_associations(Bytes content) {
  Reader box = reader(content);
  const std::uint64_t head = box.number(4);
  const std::size_t id_bytes = head >> 24U == 0 ? 2 : 4;
  const bool wide = (head & 1U) != 0;
  for (std::uint64_t left = box.number(4); left > 0; --left) {
    const auto found = items_.find(box.number(id_bytes));
    const std::uint64_t count = box.number(1);
    if (found == items_.end()) {
      box.take(count * (wide ? 2 : 1));
      continue;
    }
    std::vector<std::uint16_t>& properties = found->second.properties;
    if (!properties.empty()) fail("it has two lists of properties for one item");
    properties.reserve(count);
    for (std::uint64_t more = count; more > 0; --more) {
      const std::uint64_t index = box.number(wide ? 2 : 1) & (wide ? 0x7FFFU : 0x7FU);
      if (index > 0) properties.push_back(static_cast<std::uint16_t>(index - 1));
    }
  }
}

void HeifFile::read_properties(Bytes content) {
  const std::vector<Box> boxes = boxes_in(content);
  if (const auto container = only(boxes, "ipco")) properties_ = boxes_in(*container);
  for (const Box& box : boxes) {
    if (box.name == "ipma") read_associations(box.content);
  }
}

void HeifFile::read_meta(Bytes content) {
  Reader box = reader(content);
  box.take(4);
  const std::vector<Box> boxes = boxes_in(box.rest());
  const auto primary = only(boxes, "pitm");
  const auto items = only(boxes, "iinf");
  const auto locations = only(boxes, "iloc");
  const auto properties = only(boxes, "iprp");
  if (!primary || !items || !locations || !properties) fail("a box is missing in it");
  Reader number = reader(*primary);
  primary_ = number.number(number.number(4) >> 24U == 0 ? 2 : 4);
  read_items(*items);
  read_locations(*locations, only(boxes, "idat").value_or(Bytes{}));
  if (const auto references = only(boxes, "iref")) read_references(*references);
  read_properties(*properties);
}

const Item& HeifFile::item(std::uint64_t id) const {
  const auto found = items_.find(id);
  if (found == items_.end()) fail("it names an item that is not in it");
  return found->second;
}

// The size that the file's boxes give an item.
CodedSize HeifFile::stated_size(const Item& item) const {
  CodedSize size;
  for (const std::size_t index : item.properties) {
    if (index >= properties_.size()) fail("it names a property that is not in it");
    if (properties_[index].name != "ispe") continue;
    Reader box = reader(properties_[index].content);
    box.take(4);
    size.width = box.number(4);
    size.height = box.number(4);
  }
  return size;
}

// The place of an item's hvcC or av1C box.
std::optional<std::size_t> HeifFile::parameter_box(const Item& item) const {
  const std::string_view name = item.type == "hvc1" ? "hvcC" : "av1C";
  std::optional<std::size_t> found;
  for (const std::size_t index : item.properties) {
    if (index >= properties_.size()) fail("it names a property that is not in it");
    if (properties_[index].name != name) continue;
    if (found) fail("it has two boxes '" + std::string(name) + "' for one item");
    found = index;
  }
  return found;
}

// The units of an hvcC box, and the bytes of a length in the data that it is for.
const HeifFile::Parameters& HeifFile::hevc_parameters(std::size_t index) {
  const auto [at, added] = parameters_.try_emplace(index);
  Parameters& found = at->second;
  if (!added) return found;
  Reader box = reader(properties_.at(index).content);
  box.take(21);
  found.length_bytes = (box.number(1) & 3U) + 1;
  for (std::uint64_t arrays = box.number(1); arrays > 0; --arrays) {
    box.take(1);
    for (std::uint64_t units = box.number(2); units > 0; --units) {
      found.units.add_unit(box.take(box.number(2)));
    }
  }
  return found;
}

Bytes HeifFile::av1_parameters(std::size_t index) const {
  Reader box = reader(properties_.at(index).content);
  box.take(4);
  return box.rest();
}

std::vector<std::uint8_t> HeifFile::data_of(const Item& item) const {
  if (item.elsewhere || item.extents.empty()) fail("the data of a picture is not in it");
  std::vector<std::uint8_t> data;
  for (const Bytes extent : item.extents) {
    if (extent.empty()) fail("it is cut off");
    if (data.size() + extent.size() > file_.size()) fail("its pictures share their data");
    data.insert(data.end(), extent.begin(), extent.end());
  }
  return data;
}

// libheif gives a decoder the units of the hvcC box, and then those of the data, of which it takes each
// length to have 4 bytes, whatever the box says.
std::uint64_t HeifFile::hevc_pixels(std::optional<std::size_t> parameters, Bytes data) {
  constexpr std::size_t kUsualBytes = 4;
  const Parameters stated = parameters ? hevc_parameters(*parameters) : Parameters{};
  HevcPixels usual = stated.units;
  usual.add_units(data, kUsualBytes);
  if (stated.length_bytes == kUsualBytes) return usual.total();
  HevcPixels other = stated.units;
  other.add_units(data, stated.length_bytes);
  return std::max(usual.total(), other.total());
}

// The pixels that an item's data claims.
std::uint64_t HeifFile::coded_pixels(const Item& item, const std::vector<std::uint8_t>& data) {
  if (item.type == "grid" || item.type == "iovl") {
    // The sides come after the kind of their numbers, and the rows and columns or the colour of the ground.
    Reader box = reader(data);
    box.take(1);
    const std::size_t bytes = (box.number(1) & 1U) != 0 ? 4 : 2;
    box.take(item.type == "grid" ? 2 : 8);
    CodedSize size;
    size.width = box.number(bytes);
    size.height = box.number(bytes);
    return size.pixels();
  }
  if (item.type == "hvc1") return hevc_pixels(parameter_box(item), data);
  if (item.type != "av01") {
    fail(fmt::format("its pixels are coded as '{}'; supported are hvc1 (HEVC) and av01 (AV1)",
                     printable_type(item.type)));
  }
  const auto parameters = parameter_box(item);
  if (!parameters) return pixels_of_av1(data);
  // One stream for the decoder: a unit may begin in the box and end in the data.
  const Bytes stated = av1_parameters(*parameters);
  std::vector<std::uint8_t> stream(stated.begin(), stated.end());
  stream.insert(stream.end(), data.begin(), data.end());
  return std::max(pixels_of_av1(data), pixels_of_av1(stream));
}

// What it takes to decode an item, but what it is made of.
const HeifFile::Cost& HeifFile::cost(std::uint64_t id) {
  const auto [at, added] = costs_.try_emplace(id);
  if (!added) return at->second;
  const Item& part = item(id);
  constexpr std::uint64_t kLeastPixels = 64UL * 64UL;
  at->second.pixels = std::max(kLeastPixels, stated_size(part).pixels());
  if (part.type == "iden") return at->second;
  const std::vector<std::uint8_t> data = data_of(part);
  at->second.pixels = std::max(at->second.pixels, coded_pixels(part, data));
  at->second.bytes = data.size();
  if (const auto box = parameter_box(part)) at->second.parameter_bytes = properties_[*box].content.size();
  return at->second;
}

void HeifFile::add(std::uint64_t id, int depth) {
  constexpr int kDeepest = 6;
  // Room for an alpha plane, a depth picture, and tiles that go beyond the picture's edges. One alone has no
  // more pixels than a picture, but for those edges.
  constexpr std::uint64_t kPixelsForEach = 4;
  constexpr std::uint64_t kPixelsBeside = 2'000'000;
  constexpr std::uint64_t kReadsOfFile = 4;
  constexpr std::uint64_t kParameterBytesBeside = 4'000'000;  // many small tiles share a box
  if (depth > kDeepest) fail("its pictures are made of each other");
  const Cost& more = cost(id);
  const std::uint64_t most_pixels = kPixelsForEach * limits_.max_pixels + kPixelsBeside;
  if (more.pixels > limits_.max_pixels + kPixelsBeside || more.pixels > most_pixels - total_.pixels) {
    fail("its parts have many more pixels than a picture may have");
  }
  total_.pixels += more.pixels;
  total_.bytes += more.bytes;
  total_.parameter_bytes += more.parameter_bytes;
  if (total_.parameter_bytes > kReadsOfFile * file_.size() + kParameterBytesBeside) {
    fail("its pictures share large boxes 'hvcC' or 'av1C'");
  }
  if (total_.bytes > kReadsOfFile * file_.size()) fail("its pictures share their data");
  for (const std::uint32_t inner : item(id).made_of) add(inner, depth + 1);
  for (const std::uint32_t other : item(id).auxiliary) add(other, depth + 1);
}

// The last box may be cut off: it holds the data then, which is missed where an item's is asked for.
Bytes HeifFile::meta() const {
  std::optional<Bytes> found;
  for (Bytes left = file_; left.size() >= 8;) {
    Reader box = reader(left);
    std::uint64_t size = box.number(4);
    const std::string name = box.name();
    std::uint64_t head = 8;
    if (size == 1 && left.size() >= 16) {
      size = box.number(8);
      head = 16;
    }
    if (size == 0 || size > left.size()) size = left.size();
    if (size < head) fail("a box in it is damaged");
    if (name == "meta") {
      if (found) fail("it has two boxes 'meta'");
      found = left.subspan(head, size - head);
    }
    left = left.subspan(size);
  }
  if (!found) fail("it has no still picture, as some sequences of pictures, or is cut off");
  return *found;
}

HeifCoding HeifFile::check() {
  read_meta(meta());
  const CodedSize size = stated_size(item(primary_));
  if (size.pixels() == 0) fail("its primary picture has no size");
  check_sides(size.width, size.height, limits_);
  add(primary_, 0);
  HeifCoding coding;
  for (const auto& [id, cost] : costs_) {
    const Item& part = items_.at(id);
    if (part.made_of.empty()) coding.largest_part = std::max(coding.largest_part, cost.pixels);
    coding.av1 = coding.av1 && part.type != "hvc1";
  }
  return coding;
}

}  // namespace

HeifCoding check_heif(Bytes file, const ImageLimits& limits, const char* format) {
  return HeifFile(file, limits, format).check();
}

}  // namespace facesearch
