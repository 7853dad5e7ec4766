// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "face/real.hpp"
#include "facesearch/face/dlib/model.hpp"

/// Models of dlib's kind, made by the tests: the published ones need not be here.
namespace made {

/// A shape predictor of five points, taught on the sample people where the built-in pack sees eyes and nose;
/// serialised.
const std::string& five_points();

/// A network of the ResNet's shape with weights from a seed, serialised.
std::string random_resnet(unsigned seed);

/// dlib's own way from a picture and the points of its face to a template.
facesearch::Template direct_resnet(const std::string& model, const facesearch::Image& image,
                                   const std::vector<facesearch::Point>& shape, double padding);

}  // namespace made
