// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "facesearch/face/engine.hpp"
#include "facesearch/face/runtime_module.hpp"

/// The real networks and pictures beside the project.
namespace real {

const facesearch::RuntimeTable& table();
facesearch::Pack pack();

/// One engine for all tests: loading its networks takes longer than most of them.
facesearch::FaceEngine& engine();

/// A picture of shared/data, e.g. `photographs/compreface_000_5.jpg`.
facesearch::Image picture(const std::string& file);

/// The files of a folder of shared/data, sorted; each as picture() takes it.
std::vector<std::string> pictures(const std::string& folder);

/// The template of the largest face. Fails the test where there is none.
facesearch::Template template_of(const facesearch::Image& image);

double cosine(const facesearch::Template& a, const facesearch::Template& b);

}  // namespace real
