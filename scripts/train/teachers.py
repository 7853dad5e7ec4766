# SPDX-License-Identifier: MIT
"""The embedder's teachers: MobileFaceNet and 0095, each on its own alignment of the same view, and the 128 numbers that the student
learns: both unit vectors side by side, through a fixed basis (an SVD over synthetic views, turned towards MobileFaceNet)."""
import cv2
import numpy as np
import torch

from alignment import TEMPLATE, similarity
from onnx_graph import OnnxGraph, image_batch
from places import BASIS, MOBILEFACENET, REIDENTIFICATION

# Where 0095 wants the five points, in 128×128.
POINTS_0095 = np.array([(40.39, 59.08), (87.38, 59.08), (64.03, 81.98), (44.73, 105.56), (83.64, 105.56)])
TO_0095 = similarity(TEMPLATE + 8, POINTS_0095)


def crop(views):
    """What MobileFaceNet and the student see of views of 128×128."""
    return np.ascontiguousarray(views[:, 8:120, 8:120])


def crop_0095(views):
    warp = lambda x: cv2.warpAffine(x, TO_0095, (128, 128), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.stack([warp(x) for x in views])


def unit(v):
    return v / np.linalg.norm(v, axis=1, keepdims=True)


class InTorch:
    """A teacher through torch, for a GPU or where there is no OpenVINO. bf16: its cosine to fp32 is above 0.9996."""

    def __init__(self, path, output, rgb, device):
        self.graph, self.output, self.rgb, self.device = OnnxGraph(path).to(device), output, rgb, device

    def __call__(self, pictures):
        with torch.autocast(self.device, torch.bfloat16):
            return self.graph(image_batch(pictures, self.device, self.rgb), [self.output])[0].float().cpu().numpy()


class InOpenVino:
    """A teacher through OpenVINO, several times faster than torch on a CPU. Batches have one size."""

    def __init__(self, openvino, path, side, rgb, count, threads):
        core = openvino.Core()
        model = core.read_model(str(path))
        model.reshape(openvino.PartialShape([count, 3, side, side]))
        options = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
        try:
            self.model = core.compile_model(model, "CPU", options)
        except RuntimeError:  # a processor without bf16
            self.model = core.compile_model(model, "CPU", {**options, "INFERENCE_PRECISION_HINT": "f32"})
        self.rgb = rgb

    def __call__(self, pictures):
        x = pictures[..., ::-1] if self.rgb else pictures
        return self.model([np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32)])[0]


class Teachers:
    def __init__(self, count, device="cpu", threads=1):
        """`count` is the size of all batches."""
        try:
            import openvino
        except ImportError:
            openvino = None
        if device == "cpu" and openvino:
            self.first = InOpenVino(openvino, MOBILEFACENET, 112, True, count, threads)
            self.second = InOpenVino(openvino, REIDENTIFICATION, 128, False, count, threads)
        else:
            self.first, self.second = InTorch(MOBILEFACENET, "fc1", True, device), InTorch(REIDENTIFICATION, "t684", False, device)
        self.basis = np.load(BASIS)["basis"]

    def __call__(self, views):
        """Views N×128×128×3 → unit vectors N×128."""
        first = unit(self.first(crop(views)).reshape(len(views), -1))
        second = unit(self.second(crop_0095(views)).reshape(len(views), -1))
        return unit(np.concatenate([first, second], 1) @ self.basis).astype(np.float32)


def teach(views, answers, count, device):
    """The work of a process: (views, parents) from the queue `views`, (what the student sees, targets, parents) into `answers`."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    teachers = Teachers(count, device)
    while True:
        x, parents = views.get()
        answers.put((crop(x), teachers(x), parents))
