// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "facesearch/annotate/marks.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::app {

/// A picture, and what is drawn into it.
struct AnnotatedPicture {
  std::span<const std::uint8_t> bytes;
  std::vector<FaceMark> marks;
};

/// `--annotate FILE`: a copy of the picture with boxes, landmarks, names and scores, for people who would
/// rather look. Without the option every function does nothing.
class Annotation {
 public:
  /// Registers the option. This object must outlive the parsing.
  void add_to(CLI::App& command);

  bool given() const { return !file_.empty(); }

  /// Throws UsageError if the name's ending is none of a picture, if something else than a file is there, or
  /// if it is one of the `inputs`.
  void require_name(const std::vector<std::string>& inputs) const;

  /// After the key was checked, before any work. Throws Error as AtomicFile if a file cannot be made there.
  void require_writable() const;

  /// Draws one picture, or two side by side, and writes the file, whole or not at all, for its owner alone.
  /// Requires a picture. Throws Error as decode_reduced(), read_input() of the font, replace_file().
  void write(std::vector<AnnotatedPicture> pictures) const;

  /// `work()`. If it refuses a face, the file shows the faces that `pack_name()`'s detector finds in the
  /// pictures, with the numbers that `detect` gives them. Where that cannot be drawn, the refusal is still
  /// the answer, and says so. Throws UsageError before the work if there is no picture.
  template <class Work>
  auto drawn_if_refused(const std::vector<std::span<const std::uint8_t>>& pictures, EngineCache& engines,
                        const Work& work, const std::function<std::string()>& pack_name) const {
    require_picture(pictures);
    try {
      return work();
    } catch (const Error& error) {
      const bool of_a_face = error.cause() == Cause::kRefused || error.cause() == Cause::kLivenessFailed;
      if (!given() || !of_a_face) throw;
      throw with_found_drawn(error, pictures, engines, pack_name);
    }
  }

 private:
  void require_picture(const std::vector<std::span<const std::uint8_t>>& pictures) const;
  // What is to be thrown of a refusal.
  Error with_found_drawn(const Error& refusal, const std::vector<std::span<const std::uint8_t>>& pictures,
                         EngineCache& engines, const std::function<std::string()>& pack_name) const;

  std::string file_;
};

/// The pictures among what a request shows; templates have none.
std::vector<std::span<const std::uint8_t>> shown_pictures(std::span<const service::ProbeInput> inputs);

}  // namespace facesearch::app
