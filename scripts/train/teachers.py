# SPDX-License-Identifier: MIT
"""The embedder's teacher, MobileFaceNet: the unit vectors that the student learns, and the maps it has on the way to them, which the
student's stages learn."""
import numpy as np
import torch

from onnx_graph import OnnxGraph, image_batch
from places import MOBILEFACENET

ANSWER = "fc1"
# What it has after each of its blocks: where each part of the student ends.
MAPS = ("dconv_23_conv_proj_batchnorm", "_plus0", "_plus1", "_plus2", "_plus3",
        "dconv_34_conv_proj_batchnorm", "_plus4", "_plus5", "_plus6", "_plus7", "_plus8", "_plus9",
        "dconv_45_conv_proj_batchnorm", "_plus10", "_plus11")


def crop(views):
    """What teacher and student see of views of 128×128."""
    return np.ascontiguousarray(views[:, 8:120, 8:120])


class InTorch:
    """Through torch, for a GPU or where there is no OpenVINO. bf16: its cosine to fp32 is above 0.9996."""

    def __init__(self, device):
        self.graph, self.device = OnnxGraph(MOBILEFACENET).to(device), device

    def __call__(self, pictures):
        with torch.autocast(self.device, torch.bfloat16):
            return [o.float().cpu().numpy() for o in self.graph(image_batch(pictures, self.device), [ANSWER, *MAPS])]


class InOpenVino:
    """Through OpenVINO, several times faster than torch on a CPU. Batches have one size."""

    def __init__(self, openvino, count, threads):
        core = openvino.Core()
        model = core.read_model(str(MOBILEFACENET))
        model.add_outputs(list(MAPS))
        model.reshape(openvino.PartialShape([count, 3, 112, 112]))
        options = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        try:
            self.model = core.compile_model(model, "CPU", options)
        except RuntimeError:  # a processor without bf16
            self.model = core.compile_model(model, "CPU", {**options, "INFERENCE_PRECISION_HINT": "f32"})

    def __call__(self, pictures):
        answer = self.model([np.ascontiguousarray(pictures[..., ::-1].transpose(0, 3, 1, 2)).astype(np.float32)])
        return [answer[k] for k in range(1 + len(MAPS))]


class Teacher:
    def __init__(self, count, device="cpu", threads=1):
        """`count` is the size of all batches."""
        try:
            import openvino
        except ImportError:
            openvino = None
        self.network = InOpenVino(openvino, count, threads) if device == "cpu" and openvino else InTorch(device)

    def __call__(self, pictures):
        """Pictures N×112×112×3 → unit vectors N×128, the maps (float16, N×H×W×C each)."""
        answer, *maps = self.network(pictures)
        answer = answer.reshape(len(pictures), -1)
        unit = (answer / np.linalg.norm(answer, axis=1, keepdims=True)).astype(np.float32)
        return unit, [np.ascontiguousarray(m.transpose(0, 2, 3, 1), np.float16) for m in maps]


def teach(views, answers, count, device):
    """The work of a process: (views, parents) from the queue `views`, (what the student sees, targets, maps, parents) into `answers`."""
    torch.set_num_threads(1)
    teacher = Teacher(count, device)
    while True:
        x, parents = views.get()
        x = crop(x)
        answers.put((x, *teacher(x), parents))
