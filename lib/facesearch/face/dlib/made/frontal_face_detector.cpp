// SPDX-License-Identifier: MIT
#include <fstream>

#include <dlib/image_processing/frontal_face_detector.h>

// Writes dlib's frontal face detector to the file named by the only argument, when the program is built: dlib
// keeps it as compressed text in a header, and to construct it takes 250 ms, to read it 2.
int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  std::ofstream out(argv[1], std::ios::binary);
  dlib::serialize(dlib::get_frontal_face_detector(), out);
  out.close();
  return out ? 0 : 1;
} catch (...) {
  return 1;
}
