#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains the detector to answer as YuNet does on composed scenes, and exports the averaged weights as ONNX.

Run again with the same --name, it continues from its checkpoint. The rate falls to zero over --views or --minutes. If photographs are
available they are measured during the training, to show its progress only: the last weights are the result."""
import argparse
import copy
import queue
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from detector_net import OUTPUTS, STRIDES, AsYuNet, Detector
from export_onnx import export
from onnx_graph import image_batch
from places import LFW_DEV, PHOTOGRAPHS, WORK, shards
from scenes import SIDE
from training import Training, finished

SEED = 5
CELLS = [(SIDE // s) ** 2 for s in STRIDES]


def relight(x, rng):
    """Cheap changes of light that leave the teacher's answer where it is."""
    table = 255 * (np.arange(256) / 255) ** rng.uniform(0.8, 1.25)
    table = np.clip((table - 118) * rng.uniform(0.8, 1.2) + 118 + rng.uniform(-15, 15), 0, 255).astype(np.uint8)
    return cv2.LUT(np.ascontiguousarray(x), table)


class SceneLoader:
    def __init__(self, folder, batch, seed):
        self.folder, self.batch, self.shards = folder, batch, {}
        self.rescan()
        self.ready = queue.Queue(4)
        threading.Thread(target=self.run, args=(np.random.default_rng(seed),), daemon=True).start()

    def rescan(self):
        for path in shards(self.folder):
            if path.name not in self.shards:
                self.shards[path.name] = [np.load(path / f"{n}.npy", mmap_mode="r") for n in "xy"]

    def run(self, rng):
        while True:
            known = list(self.shards.values())
            x = np.empty((self.batch, SIDE, SIDE, 3), np.uint8)
            y = np.empty((self.batch, sum(CELLS), 15), np.float32)
            for k in range(self.batch):
                xs, ys = known[int(rng.integers(len(known)))]
                i = int(rng.integers(len(xs)))
                a, b = xs[i], ys[i].astype(np.float32)
                x[k], y[k] = relight(a, rng), b
            self.ready.put((x, y))


def loss_of(output, y):
    """Quality focal loss of the score; boxes and landmarks where the teacher sees a face, in shares of that face's size."""
    score, target = output[..., 0], y[..., 0]
    quality = (torch.sigmoid(score) - target).abs().pow(2).detach() + 0.01
    focal = (quality * F.binary_cross_entropy_with_logits(score, target, reduction="none")).sum()
    weight = torch.where(target > 0.2, target, torch.zeros_like(target))
    known = weight > 0
    w, o, t = weight[known][:, None], output[known], y[known]
    size = t[:, 3:5].clamp(-1, 6)
    extent = size.exp()
    box = F.smooth_l1_loss(o[:, 1:3] / extent, t[:, 1:3] / extent, beta=0.03, reduction="none").sum(1, True) \
        + F.smooth_l1_loss(o[:, 3:5], size, beta=0.1, reduction="none").sum(1, True)
    scale = extent.repeat(1, 5)
    points = F.smooth_l1_loss(o[:, 5:] / scale, t[:, 5:] / scale, beta=0.03, reduction="none").sum(1, True)
    faces = weight.sum().clamp(min=1)
    return 4 * focal / faces, 3 * (w * box).sum() / faces, 2 * (w * points).sum() / faces


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a = a
        self.network = Detector().to(a.device, memory_format=torch.channels_last)
        self.training = Training(a.name, self.network, a.rate, 1e-4, warm=100, memory=0.998, clip=10)

    def fraction(self):
        return max(self.training.views / self.a.views, self.training.elapsed / 60 / self.a.minutes if self.a.minutes else 0)

    def step(self, x, y):
        with torch.autocast(self.a.device, torch.bfloat16):
            output = self.network(image_batch(x, self.a.device, rgb=False))
        losses = loss_of(output.float(), torch.from_numpy(y).to(self.a.device))
        self.training.step(sum(losses), len(x), self.fraction())
        return [float(l) for l in losses]

    def export(self, path):
        example = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(SEED)) * 255
        return export(AsYuNet(copy.deepcopy(self.training.average).cpu()), path, example, "input", OUTPUTS)

    def figures(self):
        """Beside YuNet by cv::dnn, where there are pictures of people."""
        if self.a.smoke or not PHOTOGRAPHS.exists() or not LFW_DEV.exists():
            return {}
        import measure_detector
        candidate = WORK / f"{self.a.name}-candidate.onnx"
        self.export(candidate)
        return measure_detector.measure(candidate, quick=True)

    def run(self):
        training, running, last = self.training, None, time.time()
        loader = SceneLoader(self.a.scenes, self.a.batch, SEED + training.steps)
        next_figures = training.views + self.a.every
        while self.fraction() < 1:
            losses = np.array(self.step(*loader.ready.get()))
            running = losses if running is None else 0.98 * running + 0.02 * losses
            now = time.time()
            training.elapsed, last = training.elapsed + now - last, now
            if training.steps % 50 == 0:
                training.save()
                loader.rescan()
                print(f"views {training.views} min {training.elapsed / 60:.1f} score, box, points {running.round(4)}", flush=True)
            if training.views >= next_figures:
                next_figures += self.a.every
                print(self.figures(), flush=True)
        training.save()
        difference = self.export(finished(self.a.name, self.a.smoke))
        print(f"views {training.views}; exported, cv::dnn differs by {difference}", self.figures(), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="detector")
    p.add_argument("--scenes", type=Path, default=WORK / "scenes")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--views", type=int, default=2_000_000)
    p.add_argument("--minutes", type=float)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--every", type=int, default=30_000, help="views between figures")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--device", default="cpu")
    p.add_argument("--smoke", action="store_true", help="the whole path in two minutes, on scenes of its own")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    if a.smoke:
        import make_scenes
        a.name, a.scenes, a.views, a.batch, a.minutes = "smoke-detector", WORK / "smoke-scenes", 160, 8, 1.5
        (WORK / f"{a.name}.pt").unlink(missing_ok=True)
        make_scenes.make(a.scenes, 0, 1, size=32)
    Trainer(a).run()


if __name__ == "__main__":
    main()
