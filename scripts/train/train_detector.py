#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Teaches the detector to answer as YuNet does on composed scenes; measures as it goes, keeps the best as ONNX.

Run again with the same --name it goes on from its checkpoint. The rate falls to zero over --views or --minutes."""
import argparse
import copy
import json
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
from places import WORK
from scenes import SIDE

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
        for path in sorted(self.folder.glob("[0-9]*")):
            if not path.suffix and path.name not in self.shards:
                self.shards[path.name] = [np.load(path / f"{n}.npy", mmap_mode="r") for n in "xy"]

    def run(self, rng):
        while True:
            shards = list(self.shards.values())
            x = np.empty((self.batch, SIDE, SIDE, 3), np.uint8)
            y = np.empty((self.batch, sum(CELLS), 15), np.float32)
            for k in range(self.batch):
                xs, ys = shards[int(rng.integers(len(shards)))]
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
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizer = torch.optim.AdamW(self.network.parameters(), a.rate, weight_decay=1e-4)
        self.views, self.elapsed, self.steps, self.best = 0, 0.0, 0, -1.0
        self.checkpoint = WORK / f"{a.name}.pt"
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=a.device)
            for k in ("network", "average", "optimizer"):
                getattr(self, k).load_state_dict(state[k])
            self.views, self.elapsed, self.steps, self.best = (state[k] for k in ("views", "elapsed", "steps", "best"))
            print(f"goes on at {self.views} views", flush=True)

    def save(self):
        state = {k: getattr(self, k).state_dict() for k in ("network", "average", "optimizer")}
        state.update(views=self.views, elapsed=self.elapsed, steps=self.steps, best=self.best)
        torch.save(state, self.checkpoint.with_suffix(".part"))
        self.checkpoint.with_suffix(".part").replace(self.checkpoint)

    def fraction(self):
        return max(self.views / self.a.views, self.elapsed / 60 / self.a.minutes if self.a.minutes else 0)

    def step(self, x, y):
        rate = self.a.rate * min(1, (self.steps + 1) / 100) * 0.5 * (1 + np.cos(np.pi * min(1, self.fraction())))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(self.a.device, torch.bfloat16):
            output = self.network(image_batch(x, self.a.device, rgb=False))
        losses = loss_of(output.float(), torch.from_numpy(y).to(self.a.device))
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10)
        self.optimizer.step()
        self.steps, self.views = self.steps + 1, self.views + len(x)
        decay = min(0.998, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values()):
                mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)
        return [float(l) for l in losses]

    def export(self, path):
        example = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(SEED)) * 255
        return export(AsYuNet(copy.deepcopy(self.average).cpu()), path, example, "input", OUTPUTS)

    def measure(self):
        """Exports the averaged weights, compares them with YuNet by cv::dnn, keeps them if they are the best so far."""
        import measure_detector
        best = WORK / "best"
        best.mkdir(parents=True, exist_ok=True)
        candidate = WORK / f"{self.a.name}-candidate.onnx"
        difference = self.export(candidate)
        figures = measure_detector.measure(candidate, quick=True)
        figures.update(views=self.views, cv_dnn_difference=difference, name=self.a.name)
        if figures["goodness"] > self.best:
            self.best = figures["goodness"]
            candidate.replace(best / f"{self.a.name}.onnx")
            torch.save(self.average.state_dict(), best / f"{self.a.name}.pt")
            (best / f"{self.a.name}.json").write_text(json.dumps(figures, indent=1) + "\n")
        return figures

    def run(self, measured=True):
        loader, last, running, next_measure = SceneLoader(self.a.scenes, self.a.batch, SEED + self.steps), time.time(), None, 0
        next_measure = self.views + self.a.every
        while self.fraction() < 1:
            losses = np.array(self.step(*loader.ready.get()))
            running = losses if running is None else 0.98 * running + 0.02 * losses
            now = time.time()
            self.elapsed, last = self.elapsed + now - last, now
            if self.steps % 50 == 0:
                self.save()
                loader.rescan()
                print(f"views {self.views} min {self.elapsed / 60:.1f} score, box, points {running.round(4)}", flush=True)
            if measured and self.views >= next_measure:
                next_measure += self.a.every
                print(self.measure(), flush=True)
        self.save()
        if measured:
            print(self.measure(), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="detector")
    p.add_argument("--scenes", type=Path, default=WORK / "scenes")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--views", type=int, default=2_000_000)
    p.add_argument("--minutes", type=float)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--every", type=int, default=30_000, help="views between measurements")
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
        trainer = Trainer(a)
        trainer.run(measured=False)
        print("smoke: trained, exported; cv::dnn differs by", trainer.export(WORK / "smoke-detector.onnx"))
        return
    Trainer(a).run()


if __name__ == "__main__":
    main()
