#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a network of SFace's shape with random weights from a seed.  Usage: make_sface.py FILE.onnx [SEED]

SFace (OpenCV Zoo, 2021dec) is a MobileNet V1 for faces of 112x112: thirteen depthwise-separable blocks of 32 to 1,024 maps, halved four times, PReLU,
and a linear layer to 128 numbers; it subtracts 127.5 and divides by 128 itself. The published file is not here; this one has its layers, its
order and, to a thousandth, its 38.7 MB."""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
nodes, weights = [], []
last = "data"


def weight(name, values):
    weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
    return name


def layer(kind, name, *inputs, **attributes):
    global last
    nodes.append(helper.make_node(kind, [last, *inputs], [name], name=name, **attributes))
    last = name


def norm(name, channels):
    layer("BatchNormalization", name, weight(name + "_gamma", random.uniform(0.8, 1.2, channels)), weight(name + "_beta", random.normal(0, 0.1, channels)),
          weight(name + "_mean", random.normal(0, 0.1, channels)), weight(name + "_var", random.uniform(0.5, 1.5, channels)), epsilon=1e-3)


def convolution(name, before, after, side, stride, groups=1):
    scale = np.sqrt(2 / (before // groups * side * side))
    layer("Conv", name + "_conv", weight(name + "_w", random.normal(0, scale, (after, before // groups, side, side))), kernel_shape=[side, side],
          strides=[stride, stride], pads=[side // 2] * 4, group=groups)
    norm(name + "_bn", after)
    layer("PRelu", name + "_relu", weight(name + "_slope", np.full((after, 1, 1), 0.25)))


layer("Sub", "minus", weight("mean", 127.5))
layer("Mul", "scaled", weight("scale", 0.0078125))
convolution("conv_1", 3, 32, 3, 1)
channels = 32
widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
for number, (width, stride) in enumerate(zip(widths, [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]), 2):
    convolution(f"conv_{number}_dw", channels, channels, 3, stride, channels)
    convolution(f"conv_{number}", channels, width, 1, 1)
    channels = width
norm("bn1", channels)
layer("Flatten", "flat", axis=1)
layer("Gemm", "pre_fc1", weight("fc_w", random.normal(0, np.sqrt(1 / (channels * 49)), (128, channels * 49))), weight("fc_b", np.zeros(128)), transB=1)
norm("fc1", 128)

graph = helper.make_graph(nodes, "sface", [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])],
                          [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, 128])], weights)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]), sys.argv[1])
