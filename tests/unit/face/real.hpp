// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "facesearch/face/pipeline/engine.hpp"
#include "facesearch/face/runtimes/runtime_module.hpp"

/// Real networks and pictures: the built-in pack and the sample people, or others beside the project.
namespace real {

facesearch::Runtimes runtimes();

/// The five landmarks taken to those of `spec`, by OpenCV.
facesearch::Image align(const facesearch::Image& image, const facesearch::Landmarks& landmarks,
                        const facesearch::AlignmentSpec& spec);

/// `mini`, or a pack whose files lie in FACESEARCH_SHARED.
facesearch::Pack pack(const std::string& name = "mini");

/// One engine a pack for all tests: loading its networks takes longer than most of them.
facesearch::FaceEngine& engine(const std::string& name = "mini");

facesearch::Image picture(const std::filesystem::path& file);

/// Photograph 1–4 of sample person 1–20.
facesearch::Image person(int number, int photograph);

/// The template of the largest face. Fails the test where there is none.
facesearch::Template template_of(facesearch::FaceEngine& engine, const facesearch::Image& image);

double cosine(const facesearch::Template& a, const facesearch::Template& b);

}  // namespace real
