// SPDX-License-Identifier: MIT
#include "facesearch/cli.hpp"

int main(int argc, char** argv) {
  return facesearch::app::run(argc, argv);
}
