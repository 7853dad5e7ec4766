// SPDX-License-Identifier: MIT
#include "facesearch/face/opencv/network.hpp"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

// OpenCV's message without the source file and line breaks of what(). Throws std::bad_alloc if memory was
// missing.
std::string message_of(const cv::Exception& error) {
  // OpenCV's reader wraps the error of a layer in another error, with its text.
  if (error.code == cv::Error::StsNoMem || error.err.find("(-4:") != std::string::npos)
    throw std::bad_alloc();
  std::string text = error.err;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.size() > 200 ? text.substr(0, 200) : text;
}

int say_nothing(int /*status*/, const char* /*function*/, const char* /*text*/, const char* /*file*/,
                int /*line*/, void* /*data*/) {
  return 0;
}

}  // namespace

OpencvNetwork::OpencvNetwork(const NetworkFile& file, const NetworkInput& input, const NetworkBytes& bytes)
    : file_(file.file), input_(input) {
  try {
    net_ = cv::dnn::readNetFromONNX(bytes);
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    names_ = net_.getUnconnectedOutLayersNames();
  } catch (const cv::Exception& error) {
    refuse("OpenCV cannot read it: " + message_of(error));
  }
  if (names_.empty()) refuse("it has no output");
}

void refuse_network(const std::string& file, const std::string& why) {
  throw Error(Cause::kModelMissing, reason::kModelUnusable,
              fmt::format("the network {} cannot be used: {}", file, why));
}

void OpencvNetwork::refuse(const std::string& why) const {
  refuse_network(file_, why);
}

std::vector<cv::Mat> OpencvNetwork::forward(const std::vector<cv::Mat>& rgb,
                                            const std::vector<std::string>& outputs) {
  std::vector<std::string> wanted = outputs;
  for (std::string& name : wanted) {
    if (name.empty() && names_.size() != 1) refuse(fmt::format("it has {} outputs, not one", names_.size()));
    if (name.empty()) name = names_.front();
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
      refuse(fmt::format("it has no output named \"{}\"", name));
    }
  }
  std::vector<cv::Mat> answers;
  try {
    const cv::Scalar mean(input_.mean[0], input_.mean[1], input_.mean[2]);
    net_.setInput(cv::dnn::blobFromImages(rgb, input_.scale, cv::Size(), mean, !input_.rgb));
    net_.forward(answers, wanted);
  } catch (const cv::Exception& error) {
    refuse(fmt::format("OpenCV cannot run it on {} of {}x{} pixels, the input of its manifest: {}",
                       rgb.size() == 1 ? "a picture" : fmt::format("{} pictures at once", rgb.size()),
                       rgb.front().cols, rgb.front().rows, message_of(error)));
  }
  for (const cv::Mat& answer : answers) {
    if (answer.type() != CV_32F || !answer.isContinuous()) refuse("an output is not made of floats");
  }
  return answers;
}

cv::Mat view_of(const Image& image) {
  return {image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.pixels.data())};
}

void rethrow(const cv::Exception& error) {
  throw Error(Cause::kInternal, "INTERNAL", "OpenCV refuses a picture: " + message_of(error));
}

// These settings are global to the process. That is harmless: they are constant, set before the first use,
// and only this module uses OpenCV.
void settle_opencv() {
  [[maybe_unused]] static const bool settled = [] {
    cv::setNumThreads(1);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(say_nothing);
    return true;
  }();
}

}  // namespace facesearch
