# SPDX-License-Identifier: MIT
"""Writes a network as ONNX (opset 11, batch norm folded, fp32) and checks that OpenCV's dnn gives torch's numbers."""
import cv2
import numpy as np
import onnx
import torch


def without_identities(graph):
    """Names what torch repeats (equal constants, as Identity of the first) by the first: OpenCV 4.6 refuses such nodes."""
    same = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity"}
    kept = [n for n in graph.node if n.op_type != "Identity"]
    for node in kept:
        node.input[:] = [same.get(i, i) for i in node.input]
    del graph.node[:]
    graph.node.extend(kept)


def export(network, path, example, input_name, output_names, dynamic=None):
    """Exports; returns the largest absolute difference between torch and cv::dnn on `example`."""
    network = network.eval().float()
    part = path.with_suffix(".part.onnx")
    torch.onnx.export(network, example, str(part), opset_version=11, input_names=[input_name], output_names=output_names,
                      do_constant_folding=True, dynamic_axes=dynamic)
    graph = onnx.load(str(part))
    without_identities(graph.graph)
    onnx.save(graph, str(part))
    onnx.checker.check_model(graph)
    left = [n.op_type for n in graph.graph.node if n.op_type == "BatchNormalization"]
    with torch.no_grad():
        expected = network(example)
    expected = [expected] if torch.is_tensor(expected) else list(expected)
    net = cv2.dnn.readNetFromONNX(str(part))
    net.setInput(example.numpy())
    got = dict(zip(net.getUnconnectedOutLayersNames(), net.forward(net.getUnconnectedOutLayersNames())))
    got = list(got.values()) if len(output_names) == 1 else [got[n] for n in output_names]
    worst = max(float(np.abs(a.reshape(b.shape) - b.numpy()).max()) for a, b in zip(got, expected))
    if not worst < 5e-3:
        raise RuntimeError(f"cv::dnn differs from torch by {worst} in {part}")
    if len(left) > 1:
        raise RuntimeError(f"{len(left)} batch normalisations were not folded into convolutions in {part}")
    part.replace(path)
    return worst
