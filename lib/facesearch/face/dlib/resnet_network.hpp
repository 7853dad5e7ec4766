// SPDX-License-Identifier: MIT
#pragma once

#include <dlib/dnn.h>

namespace facesearch {

/// The network of dlib_face_recognition_resnet_model_v1.dat: 29 convolutions in residual blocks, from 150×150
/// RGB to 128 numbers; the shape that dlib's face recognition example gives it.
namespace resnet {

template <int filters, int stride, typename Below>
using Pair =
    dlib::affine<dlib::con<filters, 3, 3, 1, 1,
                           dlib::relu<dlib::affine<dlib::con<filters, 3, 3, stride, stride, Below>>>>>;
template <int filters, typename Below>
using Same = dlib::relu<dlib::add_prev1<Pair<filters, 1, dlib::tag1<Below>>>>;
template <int filters, typename Below>
using Halved = dlib::relu<dlib::add_prev2<
    dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<Pair<filters, 2, dlib::tag1<Below>>>>>>>;

template <typename Below>
using Stage1 = Same<32, Same<32, Same<32, Below>>>;
template <typename Below>
using Stage2 = Same<64, Same<64, Same<64, Halved<64, Below>>>>;
template <typename Below>
using Stage3 = Same<128, Same<128, Halved<128, Below>>>;
template <typename Below>
using Stage4 = Same<256, Same<256, Halved<256, Below>>>;
template <typename Below>
using Stem = dlib::max_pool<3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, Below>>>>;

}  // namespace resnet

using DlibResnet = dlib::loss_metric<dlib::fc_no_bias<
    128,
    dlib::avg_pool_everything<resnet::Halved<256, resnet::Stage4<resnet::Stage3<resnet::Stage2<resnet::Stage1<
                                                      resnet::Stem<dlib::input_rgb_image_sized<150>>>>>>>>>>;

}  // namespace facesearch
