// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "facesearch/core/policy.hpp"

namespace facesearch::app {

/// The options of a collection's policy; those not given leave a policy as it is.
class PolicyOptions {
 public:
  /// Adds the options to a command; this must outlive its parsing.
  void add_to(CLI::App& command);

  /// Adds those of a single picture: quality, size of the face, which of several.
  void add_picture_to(CLI::App& command);

  /// `base` with what was given.
  Policy over(const Policy& base) const;

 private:
  struct Side {
    std::string liveness;
    std::optional<double> threshold;
    std::string faces;
  };

  static void add_faces(CLI::App& command, Side& side, const std::string& option, const std::string& usual);
  static void add_side(CLI::App& command, Side& side, const std::string& verb);
  void add_quality(CLI::App& command);
  static void apply(const Side& side, SidePolicy& policy);

  std::optional<double> similarity_;
  Side enroll_;
  Side search_;
  std::string duplicates_;
  std::string quality_;
  std::optional<std::uint32_t> min_face_px_;
  std::optional<std::uint64_t> max_bytes_;
  std::optional<std::uint64_t> max_pixels_;
  std::optional<std::uint32_t> max_side_;
};

}  // namespace facesearch::app
