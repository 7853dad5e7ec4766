// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "facesearch/core/policy.hpp"

namespace facesearch::app {

/// The options of a collection's policy. Those that are not given leave it unchanged.
class PolicyOptions {
 public:
  /// Registers all options. This object must outlive the parsing.
  void add_to(CLI::App& command);

  /// Registers the options of one picture: quality, smallest face, which of several faces.
  void add_picture_to(CLI::App& command);

  /// `base`, changed by the options that were given.
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
  std::string match_by_;
  std::optional<std::uint32_t> min_face_px_;
  std::optional<std::uint64_t> max_bytes_;
  std::optional<std::uint64_t> max_pixels_;
  std::optional<std::uint32_t> max_side_;
};

}  // namespace facesearch::app
