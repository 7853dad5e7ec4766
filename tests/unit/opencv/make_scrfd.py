#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a network of SCRFD's shape with weights from a seed, a picture, and the faces that the network sees in it.

Usage: make_scrfd.py FOLDER [--fixed SIDE] [--batched] [--broken KIND]

FOLDER/scrfd.onnx has nine outputs with numbers for names: scores, boxes and five points for two anchors a cell of the strides 8, 16 and 32, computed
as InsightFace's exports compute them: heads level by level, a Transpose, a Reshape to rows, and a feature map that is enlarged to the shape of
another by Shape, Slice, Concat and Resize. The sides of its input are open unless --fixed gives them. FOLDER/picture.ppm is 300x200.
FOLDER/faces.txt has one line a face: score, x, y, width, height, five points. FOLDER/embedder.onnx goes from any number of 112x112 pictures to 512
numbers each, as ArcFace's exports do.

The faces are computed here by NumPy and plain loops from the description of SCRFD, and not by any code of the project. Nothing published is used.

--batched      the outputs have a batch of one before their rows
--broken KIND  outputs: eight of them; rows: one anchor a cell at stride 32; columns: boxes of five numbers; score, box: NaN;
               twice: the same rows and columns twice"""
import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--fixed", type=int)
parser.add_argument("--batched", action="store_true")
parser.add_argument("--broken", choices=("outputs", "rows", "columns", "score", "box", "twice"))
options = parser.parse_args()
options.folder.mkdir(parents=True, exist_ok=True)

STRIDES, KINDS = (8, 16, 32), {"score": 1, "bbox": 4, "kps": 10}
MIN_SCORE, NMS, ANCHORS, MAPS = 0.5, 0.4, 2, 8
WIDTH, HEIGHT, CANVAS = 300, 200, 320
random = np.random.default_rng(19)


def weights_of(after, before, side, spread, bias=0.0):
    values = random.normal(0, spread / np.sqrt(before * side * side), (after, before, side, side)).astype(np.float32)
    return values, np.full(after, bias, np.float32)


BACKBONE = {8: weights_of(MAPS, 3, 8, 6), 16: weights_of(MAPS, MAPS, 2, 1.5), 32: weights_of(MAPS, MAPS, 2, 1.5)}
HEADS = {}
for stride in STRIDES:
    anchors = 1 if options.broken == "rows" and stride == 32 else ANCHORS
    for kind, numbers in KINDS.items():
        if kind == "bbox" and options.broken == "columns":
            numbers = 5
        spread, bias = {"score": (1.2, -4), "bbox": (0.3, 2.5), "kps": (1.0, 0.0)}[kind]
        HEADS[stride, kind] = weights_of(anchors * numbers, MAPS, 1, spread, bias)
if options.broken == "score":
    HEADS[16, "score"][1][:] = np.nan
if options.broken == "box":
    for stride in STRIDES:
        HEADS[stride, "bbox"][1][:] = np.nan


# The network as a file.
nodes, initializers, outputs = [], [], {}
names = iter(range(100, 1000))


def weight(name, values):
    initializers.append(numpy_helper.from_array(np.asarray(values), name))
    return name


def node(kind, inputs, **attributes):
    name = str(next(names))
    nodes.append(helper.make_node(kind, inputs, [name], name=f"{kind}_{name}", **attributes))
    return name


def convolution(source, values, name, stride):
    side = values[0].shape[2]
    return node("Conv", [source, weight(name + "_w", values[0]), weight(name + "_b", values[1])], kernel_shape=[side, side], strides=[stride, stride])


level = {8: node("LeakyRelu", [convolution("input.1", BACKBONE[8], "stem", 8)], alpha=0.25)}
for stride in STRIDES[1:]:
    level[stride] = node("LeakyRelu", [convolution(level[stride // 2], BACKBONE[stride], f"down_{stride}", 2)], alpha=0.25)
# As PyTorch exports interpolate(size=x.shape[2:]).
sides = node("Slice", [node("Shape", [level[8]]), weight("from", np.array([2])), weight("to", np.array([4])), weight("axis", np.array([0]))])
whole = node("Concat", [node("Slice", [node("Shape", [level[16]]), weight("from0", np.array([0])), weight("to2", np.array([2])), weight("axis0", np.array([0]))]),
                        node("Cast", [sides], to=TensorProto.INT64)], axis=0)
larger = node("Resize", [level[16], weight("roi", np.array([], np.float32)), weight("scales", np.array([], np.float32)), whole],
              mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
level[8] = node("Add", [level[8], larger])
for stride in STRIDES:
    for kind, numbers in KINDS.items():
        if kind == "bbox" and options.broken == "columns":
            numbers = 5
        shape = np.array([1, -1, numbers] if options.batched else [-1, numbers])
        rows = node("Reshape", [node("Transpose", [convolution(level[stride], HEADS[stride, kind], f"{kind}_{stride}", 1)], perm=[0, 2, 3, 1]),
                                weight(f"{kind}_{stride}_shape", shape)])
        outputs[kind, stride] = node("Sigmoid", [rows]) if kind == "score" else rows
declared = [outputs[kind, stride] for kind in KINDS for stride in STRIDES]
if options.broken == "outputs":
    nodes = [n for n in nodes if n.output[0] != declared[-1]]
    declared.pop()
if options.broken == "twice":
    nodes = [n for n in nodes if n.output[0] != declared[-1]]
    declared[-1] = node("Neg", [outputs["kps", 16]])
    declared[-2] = node("Abs", [outputs["kps", 16]])
sides = [options.fixed, options.fixed] if options.fixed else ["?1", "?2"]
graph = helper.make_graph(nodes, "scrfd", [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, *sides])],
                          [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "rows", "numbers"] if options.batched else ["rows", "numbers"])
                           for name in declared], initializers)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]), str(options.folder / "scrfd.onnx"))


nodes, initializers = [], []
rows = node("Flatten", [node("Relu", [convolution("input.1", weights_of(MAPS, 3, 16, 2), "patches", 16)])], axis=1)
answer = node("Gemm", [rows, weight("dense_w", random.normal(0, 0.1, (512, MAPS * 49)).astype(np.float32)), weight("dense_b", np.zeros(512, np.float32))],
              transB=1)
graph = helper.make_graph(nodes, "embedder", [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["None", 3, 112, 112])],
                          [helper.make_tensor_value_info(answer, TensorProto.FLOAT, ["None", 512])], initializers)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)]), str(options.folder / "embedder.onnx"))

# The picture: smooth blobs of colour.
y, x = np.mgrid[:HEIGHT, :WIDTH]
# Noise, so that no two cells see the same.
planes = [random.normal(0, 12, x.shape) + 127 + 120 * np.sin(x / (9 + 4 * i) + i) * np.cos(y / (13 - 2 * i) + 2 * i) for i in range(3)]
picture = np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)
(options.folder / "picture.ppm").write_bytes(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + picture.tobytes())


# What it answers, computed again.
def patches(maps, values):
    """A convolution whose kernel is its stride: each patch is a row."""
    weights, bias = values
    side = weights.shape[2]
    _, height, width = maps.shape
    cut = maps.reshape(maps.shape[0], height // side, side, width // side, side).transpose(1, 3, 0, 2, 4).reshape(height // side, width // side, -1)
    return (cut @ weights.reshape(len(weights), -1).T + bias).transpose(2, 0, 1)


def leaky(values):
    return np.maximum(values, 0.25 * values)


side = options.fixed or CANVAS
canvas = np.zeros((side, side, 3), np.float64)
canvas[:HEIGHT, :WIDTH] = picture
maps = {8: leaky(patches(((canvas - 127.5) / 128).transpose(2, 0, 1), BACKBONE[8]))}
for stride in STRIDES[1:]:
    maps[stride] = leaky(patches(maps[stride // 2], BACKBONE[stride]))
maps[8] = maps[8] + maps[16].repeat(2, axis=1).repeat(2, axis=2)

faces = []
if options.broken is None:
    for stride in STRIDES:
        head = {kind: patches(maps[stride], HEADS[stride, kind]) for kind in KINDS}
        for row in range(side // stride):
            for column in range(side // stride):
                for anchor in range(ANCHORS):
                    score = 1 / (1 + np.exp(-head["score"][anchor, row, column]))
                    assert abs(score - MIN_SCORE) > 1e-4
                    if score < MIN_SCORE:
                        continue
                    left, top, right, bottom = head["bbox"][4 * anchor:4 * anchor + 4, row, column] * stride
                    points = head["kps"][10 * anchor:10 * anchor + 10, row, column] * stride
                    cx, cy = column * stride, row * stride
                    assert left + right > 0 and top + bottom > 0
                    faces.append([score, cx - left, cy - top, left + right, top + bottom] + [p + (cx, cy)[i % 2] for i, p in enumerate(points)])


def overlap(a, b):
    width = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    height = min(a[2] + a[4], b[2] + b[4]) - max(a[2], b[2])
    both = max(0, width) * max(0, height)
    return both / (a[3] * a[4] + b[3] * b[4] - both)


scores = sorted(face[0] for face in faces)
assert all(b - a > 1e-7 for a, b in zip(scores, scores[1:]))
kept = []
for face in sorted(faces, reverse=True):
    overlaps = [overlap(face, other) for other in kept]
    assert all(abs(o - NMS) > 1e-4 for o in overlaps)
    if all(o <= NMS for o in overlaps):
        kept.append(face)
(options.folder / "faces.txt").write_text("".join(" ".join(f"{v:.6f}" for v in face) + "\n" for face in kept))
print(f"{len(faces)} candidates, {len(kept)} faces")
