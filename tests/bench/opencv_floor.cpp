// SPDX-License-Identifier: MIT
// The floor of a one-shot search: loads the same detector and embedder, runs the same two forwards, nothing
// else.
//   opencv_floor DETECTOR.onnx EMBEDDER.onnx WIDTH HEIGHT
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

namespace {

void run(const char* file, int width, int height) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(file);
  net.setInput(cv::dnn::blobFromImage(cv::Mat(height, width, CV_8UC3, cv::Scalar(100, 120, 140))));
  std::vector<cv::Mat> outputs;
  net.forward(outputs, net.getUnconnectedOutLayersNames());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s DETECTOR.onnx EMBEDDER.onnx WIDTH HEIGHT\n", argv[0]);
    return 2;
  }
  cv::setNumThreads(1);
  run(argv[1], std::atoi(argv[3]), std::atoi(argv[4]));
  run(argv[2], 112, 112);
  return 0;
}
