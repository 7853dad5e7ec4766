// SPDX-License-Identifier: MIT
#include "facesearch/cli.hpp"
#include "facesearch/fatal_signals.hpp"

int main(int argc, char** argv) {
  const int status = facesearch::app::run(argc, argv);
  facesearch::app::expect_exit();
  return status;
}
