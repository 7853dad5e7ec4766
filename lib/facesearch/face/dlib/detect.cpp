// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include <dlib/dnn.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/face/dlib/model.hpp"
#include "facesearch/face/pipeline/rotation.hpp"

namespace facesearch {
namespace {

// The shape predictor gains nothing from faces larger than this.
constexpr int kShapeSide = 256;

struct Found {
  dlib::rectangle box;
  double confidence;  // from about −1; at 0 the detector would begin to report
};

// dlib's confidence has no upper bound; the scores of a manifest are 0–1. Strictly rising, 0.5 at 0, 0.88
// at 1.
double score_of(double confidence) {
  return 1 / (1 + std::exp(-2 * confidence));
}

double confidence_of(double score) {
  return std::log(score / (1 - score)) / 2;
}

// dlib's frontal face detector: histograms of oriented gradients in a sliding window of 80 pixels.
class Hog {
 public:
  explicit Hog(const DetectorSpec& spec, const NetworkBytes& bytes) {
    read_model(detector_, spec.network, bytes);
    const auto& scanner = detector_.get_scanner();
    if (scanner.get_cell_size() != 8 || scanner.get_detection_window_width() != 80 ||
        scanner.get_detection_window_height() != 80)
      refuse_model(spec.network, "it is no detector with a window of 80 pixels in cells of 8");
  }

  std::vector<Found> operator()(const DlibPicture& view, double least) {
    std::vector<std::pair<double, dlib::rectangle>> raw;
    detector_(view, raw, least);
    std::vector<Found> found;
    found.reserve(raw.size());
    for (const auto& [confidence, box] : raw) found.push_back({box, confidence});
    return found;
  }

 private:
  dlib::frontal_face_detector detector_;
};

// dlib's max-margin detector on a small convolutional network; the shape of dlib's dnn_mmod_face_detection
// example, which the published file was made with.
template <long filters, typename Below>
using HalvingConvolution = dlib::con<filters, 5, 5, 2, 2, Below>;
template <typename Below>
using Downsampler = dlib::relu<
    dlib::affine<HalvingConvolution<32, dlib::relu<dlib::affine<HalvingConvolution<
                                            32, dlib::relu<dlib::affine<HalvingConvolution<16, Below>>>>>>>>>;
template <typename Below>
using Convolution = dlib::relu<dlib::affine<dlib::con<45, 5, 5, 1, 1, Below>>>;
using MmodNetwork =
    dlib::loss_mmod<dlib::con<1, 9, 9, 1, 1,
                              Convolution<Convolution<Convolution<
                                  Downsampler<dlib::input_rgb_image_pyramid<dlib::pyramid_down<6>>>>>>>>;

class Mmod {
 public:
  Mmod(const DetectorSpec& spec, const NetworkBytes& bytes) { read_model(network_, spec.network, bytes); }

  std::vector<Found> operator()(const DlibPicture& view, double least) {
    // dlib 19.24 writes past its pyramid's end where a side has but a few pixels (8×8, seen by
    // AddressSanitizer), or fails an assertion, the second of which ends the process.
    constexpr long kLeastSide = 64;
    const bool small = view.nr() < kLeastSide || view.nc() < kLeastSide;
    DlibPicture canvas;
    if (small) {
      canvas.set_size(std::max(kLeastSide, view.nr()), std::max(kLeastSide, view.nc()));
      std::fill(canvas.begin(), canvas.end(), dlib::rgb_pixel(0, 0, 0));
      dlib::set_subm(canvas, 0, 0, view.nr(), view.nc()) = view;
    }
    std::vector<Found> found;
    for (const dlib::mmod_rect& face : network_.process(small ? canvas : view, least)) {
      if (!face.ignore) found.push_back({face.rect, face.detection_confidence});
    }
    return found;
  }

 private:
  MmodNetwork network_;
};

Point mean_of(const std::vector<Point>& points, std::size_t first, std::size_t count) {
  Point sum;
  for (std::size_t i = first; i < first + count; ++i) sum = {sum.x + points[i].x, sum.y + points[i].y};
  return {sum.x / static_cast<double>(count), sum.y / static_cast<double>(count)};
}

// Five landmarks from the 68 of the iBUG scheme: eyes as the mean of their six points.
Landmarks from_68(const std::vector<Point>& shape) {
  return {mean_of(shape, 36, 6), mean_of(shape, 42, 6), shape[30], shape[48], shape[54]};
}

// From dlib's five points (corners of the left and of the right eye, foot of the nose). They say nothing of
// nose tip and mouth: those lie where the mean face that dlib aligns to has them, so a pose told from them
// sees a face turned sideways and not one that nods.
Landmarks from_5(const std::vector<Point>& shape) {
  const Point left = mean_of(shape, 0, 2);
  const Point right = mean_of(shape, 2, 2);
  const Point& foot = shape[4];
  // In the mean face, from the foot of the nose, as shares of the distance between the eyes.
  constexpr double kEyes = 0.75281 - 0.22733;
  constexpr double kTip = (0.515625 - 0.628106) / kEyes;
  constexpr double kMouthDown = (0.780233 - 0.628106) / kEyes;
  constexpr double kMouthAside = (0.726104 - 0.254149) / 2 / kEyes;
  const Point across{left.x - right.x, left.y - right.y};
  const Point down{-across.y, across.x};
  const auto from_foot = [&](double aside, double below) {
    return Point{foot.x + aside * across.x + below * down.x, foot.y + aside * across.y + below * down.y};
  };
  return {right, left, from_foot(0, kTip), from_foot(-kMouthAside, kMouthDown),
          from_foot(kMouthAside, kMouthDown)};
}

// One of dlib's detectors, with the shape predictor that places points in its boxes.
template <class Finder>
class DlibDetector final : public Detector {
 public:
  DlibDetector(const DetectorSpec& spec, std::span<const NetworkBytes> bytes)
      : spec_(spec), find_(spec, bytes.front()) {
    require_plain_input(spec.network, spec.input);
    if (spec.input.width != 0 || spec.input.height != 0)
      refuse_model(spec.network, "it takes pictures of any size, so its input's width and height must be 0");
    if (!spec.shape) refuse_model(spec.network, "it finds boxes only, so its manifest must name a shape");
    read_model(predictor_, *spec.shape, bytes[1]);
    const unsigned long points = predictor_.num_parts();
    if (points != 5 && points != 68)
      refuse_model(*spec.shape, fmt::format("it places {} points; faces are known by 5 or 68", points));
    DetectedFace anywhere{{8, 8, 48, 48}, 0, {}, {}};
    place_shape({64, 64, std::vector<std::uint8_t>(std::size_t{3} * 64 * 64, 128)}, anywhere);
  }

  std::vector<DetectedFace> detect(const Image& image, int long_side) override {
    if (image.width < 1 || image.height < 1) return {};
    try {
      return look(image, long_side);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      refuse_model(spec_.network, error.what());
    }
  }

 private:
  std::vector<DetectedFace> look(const Image& image, int long_side) {
    const double ratio = std::min(1.0, static_cast<double>(long_side) / std::max(image.width, image.height));
    DlibPicture view = reduced(image, ratio);
    const double x_scale = static_cast<double>(image.width) / static_cast<double>(view.nc());
    const double y_scale = static_cast<double>(image.height) / static_cast<double>(view.nr());
    const dlib::pyramid_down<2> halving;
    for (int i = 0; i < spec_.enlarge; ++i) dlib::pyramid_up(view, halving);
    std::vector<DetectedFace> faces;
    for (const Found& found : find_(view, confidence_of(std::min(spec_.min_score, 0.999)))) {
      // As dlib's own pipeline does it, to the pixel: not quite where the enlarged picture has it (a pixel
      // off near the border), and then in whole pixels. So templates are those of other programs with dlib.
      const dlib::rectangle box =
          halving.rect_down(dlib::drectangle(found.box), static_cast<unsigned>(spec_.enlarge));
      if (box.is_empty()) continue;
      const Box place{static_cast<double>(box.left()) * x_scale, static_cast<double>(box.top()) * y_scale,
                      static_cast<double>(box.width()) * x_scale,
                      static_cast<double>(box.height()) * y_scale};
      faces.push_back({place, score_of(found.confidence), {}, {}});
    }
    drop_overlaps(faces);
    for (DetectedFace& face : faces) place_shape(image, face);
    return faces;
  }

  static DlibPicture reduced(const Image& image, double ratio) {
    if (ratio == 1) return dlib_picture(image);
    // Average whole pixels first, otherwise fine detail causes aliasing.
    const int factor = std::clamp(static_cast<int>(1 / ratio), 1, std::min(image.width, image.height));
    const DlibPicture near = dlib_picture(averaged(image, factor));
    const auto side = [&](int length) { return std::max(1L, std::lround(length * ratio)); };
    DlibPicture view(side(image.height), side(image.width));
    dlib::resize_image(near, view);
    return view;
  }

  void drop_overlaps(std::vector<DetectedFace>& faces) const {
    std::stable_sort(faces.begin(), faces.end(),
                     [](const DetectedFace& a, const DetectedFace& b) { return a.score > b.score; });
    std::vector<DetectedFace> kept;
    for (DetectedFace& face : faces) {
      const bool seen = std::any_of(kept.begin(), kept.end(), [&](const DetectedFace& other) {
        return overlap(face.box, other.box) > spec_.nms;
      });
      if (!seen) kept.push_back(std::move(face));
    }
    faces = std::move(kept);
  }

  // Use the picture, not the reduced view: dlib rounds points to whole pixels.
  void place_shape(const Image& image, DetectedFace& face) const {
    const Box& box = face.box;
    const auto limited = [](double place, int limit) {
      return static_cast<int>(std::clamp(place, 0.0, static_cast<double>(limit)));
    };
    // Add half of the box on each side: the predictor uses pixels outside of it.
    const int left = limited(std::floor(box.x - box.width / 2), image.width - 1);
    const int top = limited(std::floor(box.y - box.height / 2), image.height - 1);
    const int right = limited(std::ceil(box.x + 1.5 * box.width), image.width);
    const int bottom = limited(std::ceil(box.y + 1.5 * box.height), image.height);
    const int width = std::max(1, right - left);
    const int height = std::max(1, bottom - top);
    const int factor = std::clamp(static_cast<int>(box.width / kShapeSide), 1, std::min(width, height));
    const DlibPicture part = dlib_picture(averaged(cut(image, left, top, width, height), factor));
    const dlib::drectangle inside((box.x - left) / factor, (box.y - top) / factor,
                                  (box.x + box.width - left) / factor - 1,
                                  (box.y + box.height - top) / factor - 1);
    const dlib::full_object_detection shape = predictor_(part, dlib::rectangle(inside));
    for (unsigned long i = 0; i < shape.num_parts(); ++i) {
      // The middle of a pixel of the part, in the picture.
      const double middle = factor / 2.0;
      face.shape.push_back({static_cast<double>(shape.part(i).x()) * factor + middle + left,
                            static_cast<double>(shape.part(i).y()) * factor + middle + top});
    }
    face.landmarks = face.shape.size() == 5 ? from_5(face.shape) : from_68(face.shape);
  }

  DetectorSpec spec_;
  Finder find_;
  dlib::shape_predictor predictor_;
};

}  // namespace

std::unique_ptr<Detector> make_hog(const DetectorSpec& spec, std::span<const NetworkBytes> bytes) {
  return std::make_unique<DlibDetector<Hog>>(spec, bytes);
}

std::unique_ptr<Detector> make_mmod(const DetectorSpec& spec, std::span<const NetworkBytes> bytes) {
  return std::make_unique<DlibDetector<Mmod>>(spec, bytes);
}

}  // namespace facesearch
