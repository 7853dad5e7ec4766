// SPDX-License-Identifier: MIT
#include "facesearch/annotate/annotation.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/image/encode.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/options/option_checks.hpp"
#include "facesearch/outcome.hpp"
#include "facesearch/standard_folders.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

BitmapFont read_font() {
  constexpr std::size_t kMostBytes = 32 << 20;
  const auto bytes = read_input(installation() / "share/facesearch/font/unifont.hex", kMostBytes);
  return BitmapFont({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Where the parts of a picture are in a picture that holds it.
void move_marks(std::vector<FaceMark>& marks, int scale, int offset) {
  for (FaceMark& mark : marks) {
    mark.box = {mark.box.x * scale + offset, mark.box.y * scale, mark.box.width * scale,
                mark.box.height * scale};
    for (Point& point : mark.points) point = {point.x * scale + offset, point.y * scale};
  }
}

// The pictures as one.
Image joined(std::vector<AnnotatedPicture>& pictures) {
  Image first = decode(pictures.front().bytes, {});
  if (pictures.size() == 1) return first;
  SideBySide both = side_by_side(first, decode(pictures[1].bytes, {}));
  move_marks(pictures[0].marks, both.scale_of_a, 0);
  move_marks(pictures[1].marks, both.scale_of_b, both.offset_of_b);
  return std::move(both.image);
}

}  // namespace

void Annotation::add_to(CLI::App& command) {
  command
      .add_option("--annotate", file_,
                  "Draw boxes, names and scores into a copy of the picture: .jpg or .png")
      ->check(not_empty())
      ->type_name("FILE");
}

void Annotation::require_writable(const std::vector<std::string>& inputs) const {
  if (!given()) return;
  if (encoder_for(fs::path(file_).extension().string()) == nullptr)
    throw UsageError{fmt::format("--annotate: '{}' ends with none of .jpg, .jpeg and .png", file_)};
  std::error_code failed;
  const fs::file_status there = fs::symlink_status(file_, failed);
  if (fs::exists(there) && !fs::is_regular_file(there)) {
    throw UsageError{fmt::format(
        "--annotate: '{}' is there and no regular file; name a new file, or one to replace", file_)};
  }
  for (const std::string& input : inputs) {
    if (!input.empty() && is_same_file(file_, input == "-" ? "/dev/stdin" : input))
      throw UsageError{fmt::format("--annotate: '{}' is the picture itself; name another file", file_)};
  }
}

void Annotation::write(std::vector<AnnotatedPicture> pictures) const {
  if (!given()) return;
  if (pictures.empty()) throw UsageError{"--annotate needs a picture: a template shows no face"};
  Image image = joined(pictures);
  std::vector<FaceMark> marks;
  for (const AnnotatedPicture& picture : pictures) {
    marks.insert(marks.end(), picture.marks.begin(), picture.marks.end());
  }
  draw_marks(image, marks, read_font());
  replace_file(file_, encoder_for(fs::path(file_).extension().string())(image));
}

void Annotation::write_found(const std::vector<std::span<const std::uint8_t>>& pictures, EngineCache& engines,
                             const std::function<std::string()>& pack_name) const {
  if (pictures.empty()) return;
  try {
    const std::string pack = pack_name();
    std::vector<AnnotatedPicture> annotated;
    annotated.reserve(pictures.size());
    for (const auto picture : pictures) {
      annotated.push_back({picture, marks_of(service::detect(engines, pack, picture))});
    }
    write(std::move(annotated));
  } catch (const Error&) {
    // The refusal that is being drawn says more.
  }
}

std::vector<std::span<const std::uint8_t>> shown_pictures(std::span<const service::ProbeInput> inputs) {
  std::vector<std::span<const std::uint8_t>> pictures;
  for (const service::ProbeInput& input : inputs) {
    if (const auto* picture = std::get_if<std::vector<std::uint8_t>>(&input)) pictures.emplace_back(*picture);
  }
  return pictures;
}

}  // namespace facesearch::app
