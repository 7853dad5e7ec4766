// SPDX-License-Identifier: MIT
// Reads how large the frames of a HEIF file's AV1 data claim to be: the codecs allocate by that, whatever the
// file's boxes say. The sequence header (AV1 specification, 5.5) states the largest sides, and a frame header
// (5.9) may state others. libaom compares them with the largest, dav1d does not; so frame headers are read as
// well, up to their sides. What follows there makes a frame no larger: the width before upscaling is a part
// of the width, and nothing is allocated by the size for rendering.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "facesearch/image/heif/bits.hpp"
#include "facesearch/image/heif/coded_size.hpp"

namespace facesearch {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kReferences = 8;         // frames that are kept
constexpr std::size_t kReferencesOfFrame = 7;  // that one frame names

struct DecoderModel {
  std::size_t delay_bits = 0;
  std::size_t removal_bits = 0;
  std::size_t presentation_bits = 0;
};

struct OperatingPoint {
  std::uint64_t layers = 0;
  bool decoder_model = false;

  bool has(std::uint64_t temporal, std::uint64_t spatial) const {
    return layers == 0 || ((layers >> temporal & 1U) != 0 && (layers >> (spatial + 8) & 1U) != 0);
  }
};

enum class Choice : std::uint8_t { kNever, kAlways, kByFrame };

struct SequenceHeader {
  bool reduced = false;  // for still pictures: one frame, of the largest size
  bool equal_intervals = false;
  std::optional<DecoderModel> model;
  std::vector<OperatingPoint> points;
  std::size_t width_bits = 0;
  std::size_t height_bits = 0;
  CodedSize largest;
  std::size_t frame_id_bits = 0;  // 0 where frames have no number
  std::size_t frame_id_delta_bits = 0;
  std::size_t order_bits = 0;
  Choice screen_content = Choice::kByFrame;
  Choice whole_motion = Choice::kByFrame;
};

Choice choice(Bits& bits) {
  if (bits.flag()) return Choice::kByFrame;
  return bits.flag() ? Choice::kAlways : Choice::kNever;
}

bool chosen(Bits& bits, Choice choice) {
  return choice == Choice::kByFrame ? bits.flag() : choice == Choice::kAlways;
}

void read_operating_points(Bits& bits, SequenceHeader& header) {
  if (bits.flag()) {  // timing information
    bits.skip(64);
    header.equal_intervals = bits.flag();
    if (header.equal_intervals) bits.golomb();
    if (bits.flag()) {
      DecoderModel model;
      model.delay_bits = bits.number(5) + 1;
      bits.skip(32);
      model.removal_bits = bits.number(5) + 1;
      model.presentation_bits = bits.number(5) + 1;
      header.model = model;
    }
  }
  const bool display_delay = bits.flag();
  const std::uint64_t points = bits.number(5) + 1;
  for (std::uint64_t i = 0; i < points; ++i) {
    constexpr std::uint64_t kLastLevelWithoutTier = 7;
    OperatingPoint point;
    point.layers = bits.number(12);
    if (bits.number(5) > kLastLevelWithoutTier) bits.skip(1);
    point.decoder_model = header.model && bits.flag();
    if (point.decoder_model) bits.skip(2 * header.model->delay_bits + 1);
    if (display_delay && bits.flag()) bits.skip(4);
    header.points.push_back(point);
  }
}

// The tools that a sequence header which is not reduced names after those that every header does.
void read_tools(Bits& bits, SequenceHeader& header) {
  bits.skip(4);  // compound of inter and intra, masks, warped motion, dual filter
  const bool order = bits.flag();
  if (order) bits.skip(2);
  header.screen_content = choice(bits);
  if (header.screen_content != Choice::kNever) header.whole_motion = choice(bits);
  if (order) header.order_bits = bits.number(3) + 1;
}

SequenceHeader sequence_header(Bytes payload) {
  Bits bits(payload);
  SequenceHeader header;
  bits.skip(3 + 1);  // profile, still picture
  header.reduced = bits.flag();
  if (header.reduced) {
    bits.skip(5);  // the level
  } else {
    read_operating_points(bits, header);
  }
  header.width_bits = bits.number(4) + 1;
  header.height_bits = bits.number(4) + 1;
  header.largest.width = bits.number(header.width_bits) + 1;
  header.largest.height = bits.number(header.height_bits) + 1;
  if (header.reduced) return header;
  if (bits.flag()) {
    header.frame_id_delta_bits = bits.number(4) + 2;
    header.frame_id_bits = bits.number(3) + header.frame_id_delta_bits + 1;
  }
  bits.skip(3);  // superblocks of 128 pixels, two filters
  read_tools(bits, header);
  return header;
}

enum class FrameType : std::uint8_t { kKey, kInter, kIntraOnly, kSwitch };

// A frame header, up to the sides.
class FrameHeader {
 public:
  FrameHeader(Bytes payload, const SequenceHeader& sequence, unsigned layer_byte)
      : bits_(payload), sequence_(sequence), temporal_(layer_byte >> 5U), spatial_(layer_byte >> 3U & 3U) {}

  // 0 where it only shows a frame that was decoded before; `before` is the size of the largest of those.
  std::uint64_t pixels(std::uint64_t before) {
    if (sequence_.reduced) return sequence_.largest.pixels();
    if (bits_.flag()) return 0;
    read_kind();
    if (!own_size_) return sequence_.largest.pixels();
    bits_.skip(sequence_.order_bits);
    const bool inter = type_ == FrameType::kInter || type_ == FrameType::kSwitch;
    if (inter && !resilient_) bits_.skip(3);  // the primary reference
    skip_removal_times();
    skip_refreshed();
    if (inter) {
      skip_references();
      if (!resilient_ && size_of_reference()) return before;
    }
    CodedSize size;
    size.width = bits_.number(sequence_.width_bits) + 1;
    size.height = bits_.number(sequence_.height_bits) + 1;
    return size.pixels();
  }

 private:
  void read_kind() {
    type_ = static_cast<FrameType>(bits_.number(2));
    shown_ = bits_.flag();
    if (!shown_) {
      bits_.skip(1);
    } else if (sequence_.model && !sequence_.equal_intervals) {
      bits_.skip(sequence_.model->presentation_bits);
    }
    const bool starts = (type_ == FrameType::kKey && shown_) || type_ == FrameType::kSwitch;
    resilient_ = starts || bits_.flag();
    bits_.skip(1);  // no update of the distributions
    if (chosen(bits_, sequence_.screen_content)) chosen(bits_, sequence_.whole_motion);
    bits_.skip(sequence_.frame_id_bits);
    own_size_ = type_ == FrameType::kSwitch || bits_.flag();
  }

  void skip_removal_times() {
    if (!sequence_.model || !bits_.flag()) return;
    for (const OperatingPoint& point : sequence_.points) {
      if (point.decoder_model && point.has(temporal_, spatial_)) bits_.skip(sequence_.model->removal_bits);
    }
  }

  void skip_refreshed() {
    constexpr std::uint64_t kAll = 255;
    const bool all = type_ == FrameType::kSwitch || (type_ == FrameType::kKey && shown_);
    const std::uint64_t refreshed = all ? kAll : bits_.number(kReferences);
    const bool intra = type_ == FrameType::kKey || type_ == FrameType::kIntraOnly;
    if (resilient_ && (!intra || refreshed != kAll)) bits_.skip(kReferences * sequence_.order_bits);
  }

  void skip_references() {
    const bool two_given = sequence_.order_bits > 0 && bits_.flag();
    if (two_given) bits_.skip(3 + 3);
    for (std::size_t i = 0; i < kReferencesOfFrame; ++i) {
      if (!two_given) bits_.skip(3);
      bits_.skip(sequence_.frame_id_delta_bits);
    }
  }

  bool size_of_reference() {
    for (std::size_t i = 0; i < kReferencesOfFrame; ++i) {
      if (bits_.flag()) return true;
    }
    return false;
  }

  Bits bits_;
  const SequenceHeader& sequence_;
  std::uint64_t temporal_;
  std::uint64_t spatial_;
  FrameType type_ = FrameType::kKey;
  bool shown_ = false;
  bool resilient_ = false;
  bool own_size_ = false;
};

struct Unit {
  unsigned type = 0;
  unsigned layer_byte = 0;
  Bytes payload;
};

// Takes the first unit off `units`, which are not empty.
Unit take_unit(Bytes& units) {
  const unsigned head = units[0];
  const bool extended = (head & 4U) != 0;
  const bool sized = (head & 2U) != 0;
  Unit unit;
  unit.type = head >> 3U & 15U;
  if (extended && units.size() > 1) unit.layer_byte = units[1];
  units = units.subspan(std::min<std::size_t>(units.size(), extended ? 2 : 1));
  std::uint64_t length = units.size();
  if (sized) {
    length = 0;
    for (unsigned shift = 0; shift < 56 && !units.empty(); shift += 7) {
      const std::uint8_t byte = units[0];
      units = units.subspan(1);
      length |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) break;
    }
  }
  unit.payload = units.first(std::min<std::uint64_t>(length, units.size()));
  units = units.subspan(unit.payload.size());
  return unit;
}

}  // namespace

std::uint64_t pixels_of_av1(Bytes units) {
  constexpr unsigned kSequenceHeader = 1;
  constexpr std::array<unsigned, 3> kFrames{3, 6, 7};  // a header, one with its tiles, one once more
  constexpr std::uint64_t kLeastPixels = 64UL * 64UL;
  std::optional<SequenceHeader> sequence;
  std::uint64_t stated = 0;
  std::uint64_t largest = 0;
  std::uint64_t total = 0;
  while (!units.empty()) {
    const Unit unit = take_unit(units);
    if (unit.type == kSequenceHeader) {
      sequence = sequence_header(unit.payload);
      stated = std::max(stated, sequence->largest.pixels());
    } else if (sequence && std::ranges::find(kFrames, unit.type) != kFrames.end()) {
      const std::uint64_t pixels = FrameHeader(unit.payload, *sequence, unit.layer_byte).pixels(largest);
      largest = std::max(largest, pixels);
      total += std::max(kLeastPixels, pixels);
    }
  }
  return std::max(stated, total);
}

}  // namespace facesearch
