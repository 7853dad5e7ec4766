# SPDX-License-Identifier: MIT
"""Runs an ONNX graph of the few operators our teachers use as a torch module, so that batches and a GPU can be used."""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def _attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


class OnnxGraph(torch.nn.Module):
    """forward(x, names) → the named tensors. Batch sizes other than the file's own work, because Reshape is left out:
    name tensors before it (a convolution's output, N×C×H×W)."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(str(path)).graph
        self.nodes = [(n.op_type, list(n.input), list(n.output), _attributes(n)) for n in graph.node]
        self.constants = {}
        for tensor in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if value.dtype == torch.float32:
                if value.dim() == 4:
                    value = value.contiguous(memory_format=torch.channels_last)
                name = "w%d" % len(self.constants)
                self.register_buffer(name, value)
                self.constants[tensor.name] = name
        self.input_name = next(i.name for i in graph.input if i.name not in self.constants)
        self.eval()

    def needed(self, names):
        """The nodes that `names` depend on, in order."""
        wanted, kept = set(names), []
        for node in reversed(self.nodes):
            if wanted.intersection(node[2]):
                kept.append(node)
                wanted.update(node[1])
        return kept[::-1]

    @torch.no_grad()
    def forward(self, x, names):
        values = {self.input_name: x}
        get = lambda k: getattr(self, self.constants[k]) if k in self.constants else values[k]
        for op, inputs, outputs, a in self.needed(names):
            values[outputs[0]] = self.apply_node(op, [get(i) for i in inputs if i in self.constants or i in values], a)
        return [values[n] for n in names]

    @staticmethod
    def apply_node(op, v, a):
        if op == "Conv":
            pads = a.get("pads", [0, 0, 0, 0])
            return F.conv2d(v[0], v[1], v[2] if len(v) > 2 else None, a.get("strides", [1, 1]), pads[:2],
                            a.get("dilations", [1, 1]), a.get("group", 1))
        if op == "PRelu":
            return F.prelu(v[0], v[1].flatten())
        if op == "Relu":
            return F.relu(v[0])
        if op == "Add":
            return v[0] + v[1]
        if op == "Sub":
            return v[0] - v[1]
        if op == "Mul":
            return v[0] * v[1]
        if op == "Flatten":
            return v[0].flatten(1)
        if op == "Gemm":
            return F.linear(v[0], v[1] if a.get("transB") else v[1].t(), v[2])
        if op == "MaxPool":
            return F.max_pool2d(v[0], a["kernel_shape"], a["strides"])
        if op == "AveragePool":
            return F.avg_pool2d(v[0], a["kernel_shape"], a["strides"])
        if op == "Resize":
            return F.interpolate(v[0], scale_factor=2, mode="nearest")
        if op == "Sigmoid":
            return torch.sigmoid(v[0])
        raise ValueError(f"operator {op} is not supported")


def image_batch(images, device="cpu", rgb=True):
    """uint8 BGR pictures N×H×W×3 → float N×3×H×W, channels last."""
    x = torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
    if rgb:
        x = x.flip(1)
    return x.float().contiguous(memory_format=torch.channels_last)
