// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "facesearch/face/runtimes/runtime.hpp"

namespace facesearch {

/// Sides of a network's only input picture, as its file states them; 0 where it leaves one open.
struct OnnxInput {
  int width = 0;
  int height = 0;
};

/// The sides of the first input that is no weight; nothing where the file is no such network.
std::optional<OnnxInput> onnx_input(const NetworkBytes& network);

/// The network with an input of one picture of these sides. OpenCV 4.6 computes shapes while it reads a file,
/// so it cannot read one whose layers ask for the shape of an input with open sides. Sides that the file
/// states stay. What is no such network comes back as it is.
NetworkBytes with_input_sides(const NetworkBytes& network, OnnxInput sides);

}  // namespace facesearch
