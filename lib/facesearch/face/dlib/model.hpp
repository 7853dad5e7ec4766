// SPDX-License-Identifier: MIT
#pragma once

#include <istream>
#include <new>
#include <streambuf>
#include <string>

#include <dlib/matrix.h>
#include <dlib/pixel.h>
#include <dlib/serialize.h>

#include "facesearch/face/runtimes/runtime.hpp"

/// What dlib's runtimes share. Every exception of dlib becomes an Error here.
namespace facesearch {

using DlibPicture = dlib::matrix<dlib::rgb_pixel>;

/// A part of `image`, which it must lie in, as dlib sees it.
DlibPicture dlib_picture(const Image& image, int x, int y, int width, int height);
DlibPicture dlib_picture(const Image& image);

/// Throws Error(kModelMissing, MODEL_UNUSABLE) naming the file.
[[noreturn]] void refuse_model(const NetworkFile& file, const std::string& why);

/// Throws Error(kModelMissing, MODEL_UNUSABLE) unless the input is what dlib's networks take: RGB, not
/// scaled.
void require_plain_input(const NetworkFile& file, const NetworkInput& input);

/// Bytes as a stream, without a copy.
class ByteStream : private std::streambuf, public std::istream {
 public:
  explicit ByteStream(const NetworkBytes& bytes) : std::istream(static_cast<std::streambuf*>(this)) {
    char* first = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(first, first, first + bytes.size());
  }

  bool at_end() const { return gptr() == egptr(); }
};

/// Reads a model that takes all of the bytes. Throws Error(kModelMissing, MODEL_UNUSABLE) where they are no
/// such model. dlib believes much of what it reads: files of dlib's are for packs that one trusts
/// (docs/security.md).
template <class Model>
void read_model(Model& model, const NetworkFile& file, const NetworkBytes& bytes) {
  ByteStream stream(bytes);
  try {
    deserialize(model, stream);
  } catch (const std::bad_alloc&) {
    // Most likely a damaged length in the file.
    refuse_model(file, "it asks for more memory than there is");
  } catch (const std::exception& error) {
    refuse_model(file, error.what());
  }
  if (!stream.at_end()) refuse_model(file, "it goes on after its end");
}

// The factories and the alignment of the table in runtimes.cpp.
std::unique_ptr<Detector> make_hog(const DetectorSpec& spec, std::span<const NetworkBytes> bytes);
std::unique_ptr<Detector> make_mmod(const DetectorSpec& spec, std::span<const NetworkBytes> bytes);
std::unique_ptr<Embedder> make_resnet(const EmbedderSpec& spec, const NetworkBytes& bytes);
std::unique_ptr<Embedder> make_densenet(const EmbedderSpec& spec, const NetworkBytes& bytes);

/// Aligns a face as for the training of dlib's embedders: all points of its shape to dlib's mean face.
Image dlib_chip(const Image& image, const DetectedFace& face, const AlignmentSpec& spec);

}  // namespace facesearch
