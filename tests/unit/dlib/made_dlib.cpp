// SPDX-License-Identifier: MIT
#include "made_dlib.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>

#include "facesearch/core/template.hpp"
#include "facesearch/face/dlib/resnet_network.hpp"

namespace made {
namespace {

using facesearch::Point;

dlib::point pixel(Point p) {
  return {std::lround(p.x), std::lround(p.y)};
}

// The corners of the eyes about their middles, and the foot of the nose.
dlib::full_object_detection labelled(const facesearch::DetectedFace& face) {
  const auto& marks = face.landmarks;
  const Point eyes{marks[1].x - marks[0].x, marks[1].y - marks[0].y};
  const auto aside = [&](Point p, double share) {
    return pixel({p.x + share * eyes.x, p.y + share * eyes.y});
  };
  const Point foot{marks[2].x - 0.1 * eyes.y, marks[2].y + 0.1 * eyes.x};
  const dlib::rectangle box(std::lround(face.box.x), std::lround(face.box.y),
                            std::lround(face.box.x + face.box.width),
                            std::lround(face.box.y + face.box.height));
  return {box,
          {aside(marks[1], 0.2), aside(marks[1], -0.2), aside(marks[0], -0.2), aside(marks[0], 0.2),
           pixel(foot)}};
}

}  // namespace

const std::string& five_points() {
  static const std::string model = [] {
    std::vector<facesearch::DlibPicture> pictures;
    std::vector<std::vector<dlib::full_object_detection>> faces;
    for (int person = 1; person <= 20; ++person) {
      for (int photo = 1; photo <= 2; ++photo) {
        const facesearch::Image image = real::person(person, photo);
        facesearch::DetectedFace face = real::engine().find_faces(image).faces.at(0);
        real::engine().place_landmarks(image, face);
        pictures.push_back(facesearch::dlib_picture(image));
        faces.push_back({labelled(face)});
      }
    }
    dlib::shape_predictor_trainer trainer;
    trainer.set_cascade_depth(6);
    trainer.set_num_trees_per_cascade_level(60);
    trainer.set_tree_depth(3);
    trainer.set_oversampling_amount(10);
    trainer.set_num_test_splits(20);
    trainer.set_feature_pool_size(150);
    trainer.set_random_seed("facesearch");
    std::ostringstream out;
    serialize(trainer.train(pictures, faces), out);
    return out.str();
  }();
  return model;
}

std::string random_resnet(unsigned seed) {
  std::srand(seed);  // dlib's layers take their seeds from here
  facesearch::DlibResnet network;
  facesearch::DlibPicture grey(150, 150);
  for (auto& p : grey) p = {128, 128, 128};
  network(grey);  // the first answer sets the weights up
  network.clean();
  std::ostringstream out;
  serialize(network, out);
  return out.str();
}

facesearch::Template direct_resnet(const std::string& model, const facesearch::Image& image,
                                   const std::vector<Point>& shape, double padding) {
  facesearch::DlibResnet network;
  std::istringstream in(model);
  deserialize(network, in);
  std::vector<dlib::point> points;
  for (const Point p : shape) points.push_back(pixel({p.x - 0.5, p.y - 0.5}));
  const auto details =
      dlib::get_face_chip_details(dlib::full_object_detection(dlib::rectangle(), points), 150, padding);
  facesearch::DlibPicture chip;
  dlib::extract_image_chip(facesearch::dlib_picture(image), details, chip);
  const dlib::matrix<float, 0, 1> answer = network(chip);
  return facesearch::normalised({answer.begin(), answer.end()});
}

}  // namespace made
