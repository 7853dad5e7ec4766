// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/face/pipeline/detected_face.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// The new position of `point` when a picture of this size is turned clockwise by `quarter_turns` × 90°
/// (0–3).
Point turned_point(Point point, double width, double height, int quarter_turns);

/// The same for a box and a face.
Box turned_box(const Box& box, double width, double height, int quarter_turns);
DetectedFace turned_face(const DetectedFace& face, double width, double height, int quarter_turns);

/// The picture with each `factor` × `factor` pixels averaged to one; a remainder at the right and lower
/// border is cut off. `factor` from 1 to the shorter side.
Image averaged(const Image& image, int factor);

/// A part of the picture; it must lie inside.
Image cut(const Image& image, int x, int y, int width, int height);

}  // namespace facesearch
