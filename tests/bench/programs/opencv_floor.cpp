// SPDX-License-Identifier: MIT
// The floor of a one-shot search: loads the same networks, runs the same forwards, nothing else.
//   opencv_floor NETWORK.onnx WIDTH HEIGHT FORWARDS [NETWORK.onnx WIDTH HEIGHT FORWARDS]…
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

namespace {

void run(const char* file, int width, int height, int forwards) {
  cv::dnn::Net net = cv::dnn::readNetFromONNX(file);
  for (int i = 0; i < forwards; ++i) {
    net.setInput(cv::dnn::blobFromImage(cv::Mat(height, width, CV_8UC3, cv::Scalar(100, 120, 140))));
    std::vector<cv::Mat> outputs;
    net.forward(outputs, net.getUnconnectedOutLayersNames());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || argc % 4 != 1) {
    std::fprintf(stderr, "usage: %s NETWORK.onnx WIDTH HEIGHT FORWARDS [...]\n", argv[0]);
    return 2;
  }
  cv::setNumThreads(1);
  for (int i = 1; i + 3 < argc; i += 4) {
    run(argv[i], std::atoi(argv[i + 1]), std::atoi(argv[i + 2]), std::atoi(argv[i + 3]));
  }
  return 0;
}
