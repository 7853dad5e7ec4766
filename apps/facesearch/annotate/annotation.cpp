// SPDX-License-Identifier: MIT
#include "facesearch/annotate/annotation.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/image/decode.hpp"
#include "facesearch/image/encode.hpp"
#include "facesearch/inputs/read_input.hpp"
#include "facesearch/invocation.hpp"
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

// Where what is marked in a picture is in another that holds it.
void move_marks(std::vector<FaceMark>& marks, double scale, double offset) {
  for (FaceMark& mark : marks) {
    mark.box = {mark.box.x * scale + offset, mark.box.y * scale, mark.box.width * scale,
                mark.box.height * scale};
    for (Point& point : mark.points) point = {point.x * scale + offset, point.y * scale};
  }
}

// The picture as the engine decodes it, and the marks in its pixels: a large JPEG is reduced.
Image decode_marked(AnnotatedPicture& picture) {
  Picture decoded = decode_reduced(picture.bytes, {}, Invocation::runtime_folder());
  move_marks(picture.marks, 1 / decoded.reduction.factor, 0);
  return std::move(decoded.image);
}

// The pictures as one.
Image joined(std::vector<AnnotatedPicture>& pictures) {
  Image first = decode_marked(pictures.front());
  if (pictures.size() == 1) return first;
  SideBySide both = side_by_side(first, decode_marked(pictures[1]));
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

void Annotation::require_name(const std::vector<std::string>& inputs) const {
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
      throw UsageError{
          fmt::format("--annotate: '{}' is a file that this command reads; name another one", file_)};
  }
}

void Annotation::require_writable() const {
  if (!given()) return;
  try {
    const AtomicFile trial(file_);  // removed again
  } catch (const Error& error) {
    throw Error(error.cause(), error.reason(),
                fmt::format("--annotate: {}; name a file in a folder that is there and that you may write to",
                            error.detail()));
  }
}

void Annotation::require_picture(const std::vector<std::span<const std::uint8_t>>& pictures) const {
  if (given() && pictures.empty()) throw UsageError{"--annotate needs a picture: a template shows no face"};
}

void Annotation::write(std::vector<AnnotatedPicture> pictures) const {
  if (!given()) return;
  Image image = joined(pictures);
  std::vector<FaceMark> marks;
  for (const AnnotatedPicture& picture : pictures) {
    marks.insert(marks.end(), picture.marks.begin(), picture.marks.end());
  }
  draw_marks(image, marks, read_font());
  replace_file(file_, encoder_for(fs::path(file_).extension().string())(image));
}

Error Annotation::with_found_drawn(const Error& refusal,
                                   const std::vector<std::span<const std::uint8_t>>& pictures,
                                   EngineCache& engines,
                                   const std::function<std::string()>& pack_name) const {
  // The refusal says more, so it stays the answer.
  const auto unwritten = [&](const char* why) -> Error {
    return {refusal.cause(), refusal.reason(),
            fmt::format("{}; --annotate: the picture was not written: {}", refusal.detail(), why)};
  };
  try {
    const std::string pack = pack_name();
    std::vector<AnnotatedPicture> annotated;
    annotated.reserve(pictures.size());
    for (const auto picture : pictures) {
      annotated.push_back({picture, marks_of(service::detect(engines, pack, picture))});
    }
    write(std::move(annotated));
    return refusal;
  } catch (const Error& fault) {
    return unwritten(fault.what());
  } catch (const std::bad_alloc&) {
    return unwritten("there is not enough memory");
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
