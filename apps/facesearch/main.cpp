// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "facesearch/cli.hpp"
#include "facesearch/fatal_signals.hpp"

int main(int argc, char** argv) {
  // OpenCV and dlib load the system's BLAS. OpenBLAS would start a thread for each processor, which waits
  // busily and cannot be had where memory is short; a picture has a thread of the program's.
  (void)::setenv("OPENBLAS_NUM_THREADS", "1", 0);
  const int status = facesearch::app::run(argc, argv);
  facesearch::app::expect_exit();
  return status;
}
