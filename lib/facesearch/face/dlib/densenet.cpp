// SPDX-License-Identifier: MIT
#include <dlib/dnn.h>

#include "facesearch/face/dlib/embedder.hpp"

namespace facesearch {
namespace {

// The network of face_recognition_densenet_model_v1.dat: dense blocks of 3, 6, 12 and 8 layers that each add
// 16 maps (Huang et al., Densely Connected Convolutional Networks, 2017), halved in size and number in
// between. Its batch normalisations are read as what they are once training is over.
constexpr long kGrowth = 16;

template <long filters, long side, int stride, typename Below>
using Padded = dlib::add_layer<dlib::con_<filters, side, side, stride, stride, side / 2, side / 2>, Below>;
template <typename Below>
using Active = dlib::relu<dlib::affine<Below>>;
template <typename Below>
using DenseLayer = dlib::concat2<
    dlib::tag1, dlib::tag2,
    dlib::tag2<Padded<kGrowth, 3, 1, Active<Padded<4 * kGrowth, 1, 1, Active<dlib::tag1<Below>>>>>>>;
template <long filters, typename Below>
using Transition = dlib::avg_pool<2, 2, 2, 2, dlib::con<filters, 1, 1, 1, 1, Active<Below>>>;
template <typename Below>
using Stem = dlib::add_layer<dlib::max_pool_<3, 3, 2, 2, 1, 1>, Active<Padded<2 * kGrowth, 7, 2, Below>>>;

template <typename Below>
using Block1 = dlib::repeat<3, DenseLayer, Below>;
template <typename Below>
using Block2 = dlib::repeat<6, DenseLayer, Transition<40, Below>>;
template <typename Below>
using Block3 = dlib::repeat<12, DenseLayer, Transition<68, Below>>;
template <typename Below>
using Block4 = dlib::repeat<8, DenseLayer, Transition<130, Below>>;

using Densenet = dlib::loss_metric<dlib::fc_no_bias<
    128, dlib::avg_pool_everything<Active<Block4<Block3<Block2<Block1<Stem<dlib::input_rgb_image>>>>>>>>>;

}  // namespace

std::unique_ptr<Embedder> make_densenet(const EmbedderSpec& spec, const NetworkBytes& bytes) {
  return std::make_unique<DlibEmbedder<Densenet>>(spec, bytes, 150);
}

}  // namespace facesearch
