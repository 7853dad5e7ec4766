#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains a small network to tell how far the detector's five points lie from YuNet's, and exports it as ONNX.

Its input is a face aligned by the detector's points, so every face is upright and of one size. YuNet's answers change by a twentieth
of the eyes' distance when a picture is moved by a few pixels; the network learns their mean.
Run again with the same --name, it continues from its checkpoint. Measurements choose nothing: the last weights are the result."""
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
from torch import nn

from alignment import TEMPLATE, YuNet, decode, similarity
from embedder_net import Residual, conv_bn_relu
from export_onnx import export
from measure_detector import overlap
from onnx_graph import image_batch
from places import NETWORKS, WORK, YUNET, cut_by, shards
from scenes import SIDE as SCENE
from training import Training, finished

SEED = 6
SIDE, WIDE = 64, 96  # of the network's picture, and of the stored one around it
POINTS = TEMPLATE / 2 + 4  # where the detector's points come to lie in SIDE×SIDE
STORED = POINTS + (WIDE - SIDE) / 2
EYES = float(np.linalg.norm(POINTS[0] - POINTS[1]))
SMALLEST = 16  # pixels of a face's width; below it YuNet's own answer is noise
FULL = 60  # from this width on a face is drawn as often as any; smaller ones in proportion


class Landmarks(nn.Module):
    """forward(RGB 0–255, N×3×64×64) → N×10: x and y of the five points less POINTS, in shares of the eyes' distance."""

    def __init__(self, c=(16, 32, 48), last=8):
        super().__init__()
        self.body = nn.Sequential(conv_bn_relu(3, c[0], 2), Residual(c[0], c[1], 2), Residual(c[1], c[2], 2),
                                  Residual(c[2], c[2], 1), conv_bn_relu(c[2], last, 1))
        self.out = nn.Linear(last * (SIDE // 8) ** 2, 10)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        return self.out(self.body((x - 127.5) / 128).float().flatten(1))


class Placed(nn.Module):
    """The same network, for export: the five points in pixels of its picture."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.register_buffer("points", torch.from_numpy(POINTS.astype(np.float32)).reshape(1, 10))

    def forward(self, x):
        return self.network(x) * EYES + self.points


def known_faces(y):
    """YuNet's faces of one scene out of its stored maps: boxes and points."""
    maps, start = {}, 0
    for s in (8, 16, 32):
        rows = y[start:start + (SCENE // s) ** 2].astype(np.float32)
        start += len(rows)
        maps.update({f"cls_{s}": rows[:, 0], f"obj_{s}": rows[:, 0], f"bbox_{s}": rows[:, 1:5], f"kps_{s}": rows[:, 5:]})
    return decode(maps, SCENE)


def make_shard(source, target, detector):
    """Faces of one shard of scenes: pictures WIDE×WIDE aligned by YuNet's points, where the detector's points lie there, and the faces' widths in their scenes."""
    pictures, coarse, widths = [], [], []
    xs, ys = np.load(source / "x.npy", mmap_mode="r"), np.load(source / "y.npy", mmap_mode="r")
    for x, y in zip(xs, ys):
        ours = detector(np.ascontiguousarray(x), SCENE, 0.3)
        for box, _, points in known_faces(y):
            mine = max(ours, key=lambda f: overlap(f[0], box), default=None)
            if box[2] < SMALLEST or mine is None or overlap(mine[0], box) < 0.4:
                continue
            m = similarity(points, STORED)
            pictures.append(cv2.warpAffine(x, m, (WIDE, WIDE), flags=cv2.INTER_LINEAR))
            widths.append(box[2])
            coarse.append(np.stack([points @ m[:, :2].T + m[:, 2], mine[2] @ m[:, :2].T + m[:, 2]]))
    part = target.with_suffix(".part")
    part.mkdir(parents=True, exist_ok=True)
    np.save(part / "x.npy", np.stack(pictures))
    np.save(part / "p.npy", np.array(coarse, np.float32))
    np.save(part / "w.npy", np.array(widths, np.float32))
    part.rename(target)


class Loader:
    def __init__(self, folder, batch, seed):
        made = shards(folder)
        self.x = np.concatenate([np.load(p / "x.npy") for p in made])
        self.p = np.concatenate([np.load(p / "p.npy") for p in made])
        chance = np.concatenate([np.load(p / "w.npy") for p in made]).clip(0, FULL)
        self.steps = np.cumsum(chance / chance.sum())
        self.batch, self.ready, self.stopped = batch, queue.Queue(6), False
        threading.Thread(target=self.run, args=(np.random.default_rng(seed),), daemon=True).start()

    def example(self, rng):
        """The picture as it is aligned by points that are wrong the way the detector's are, or more; and the answer."""
        i = min(int(np.searchsorted(self.steps, rng.random())), len(self.x) - 1)
        true, detected = self.p[i]
        u = rng.random()
        wrong = detected if u < 0.5 else true + (detected - true) * rng.uniform(-1.5, 1.5) if u < 0.8 else true
        wrong = wrong + rng.normal(0, rng.choice([0.0, 0.04, 0.1]), (5, 2)) * EYES + rng.normal(0, 0.04, (1, 2)) * EYES
        m = similarity(wrong, POINTS)
        # The detector follows a leaning head only in part: up to 40° are left for this network, in passes.
        lean = rng.normal(0, 0.03) if rng.random() < 0.6 else rng.uniform(-0.7, 0.7)
        a, s, d = lean, 1 + rng.normal(0, 0.04), rng.normal(0, 0.5, 2)
        jitter = np.array([[np.cos(a) * s, -np.sin(a) * s], [np.sin(a) * s, np.cos(a) * s]])
        m = np.hstack([jitter @ m[:, :2], (jitter @ (m[:, 2] - SIDE / 2) + SIDE / 2 + d)[:, None]])
        y = cv2.warpAffine(self.x[i], m, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        u = rng.random()
        if u < 0.15:
            y = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.3, 1.2))
        elif u < 0.4:
            y = cv2.addWeighted(y, 2.0, cv2.GaussianBlur(y, (0, 0), 0.8), -1.0, 0)
        if rng.random() < 0.6:
            table = 255 * (np.arange(256) / 255) ** rng.uniform(0.7, 1.4)
            y = cv2.LUT(y, np.clip((table - 118) * rng.uniform(0.7, 1.3) + 118 + rng.uniform(-20, 20), 0, 255).astype(np.uint8))
        if rng.random() < 0.3:
            y = cv2.cvtColor(cv2.cvtColor(y, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        return y, ((true @ m[:, :2].T + m[:, 2] - POINTS) / EYES).ravel()

    def run(self, rng):
        while not self.stopped:
            pairs = [self.example(rng) for _ in range(self.batch)]
            self.ready.put((np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]).astype(np.float32)))


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a = a
        self.network = Landmarks().to(memory_format=torch.channels_last)
        self.training = Training(a.name, self.network, a.rate, 1e-4)

    def step(self, x, y):
        with torch.autocast("cpu", torch.bfloat16):
            output = self.network(image_batch(x))
        loss = F.smooth_l1_loss(output.float(), torch.from_numpy(y), beta=0.03)
        self.training.step(loss, len(x), self.training.views / self.a.views)
        return float(loss)

    def export(self):
        example = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(SEED)) * 255
        return export(Placed(copy.deepcopy(self.training.average)), finished(self.a.name, self.a.smoke), example, "image", ["points"])

    def run(self):
        training, running, start = self.training, None, time.time()
        loader = Loader(self.a.folder, self.a.batch, SEED + training.steps)
        while training.views < self.a.views:
            loss = self.step(*loader.ready.get())
            running = loss if running is None else 0.99 * running + 0.01 * loss
            if training.steps % 500 == 0:
                training.save()
                print(f"views {training.views} loss {running:.5f} after {time.time() - start:.0f} s", flush=True)
        loader.stopped = True
        training.save()
        print(f"views {training.views} loss {running or 0:.5f}; exported, cv::dnn differs by {self.export()}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="landmarks")
    p.add_argument("--scenes", type=Path, default=WORK / "scenes")
    p.add_argument("--detector", type=Path, default=NETWORKS / "detector.onnx")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--views", type=int, default=2_000_000)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--smoke", action="store_true", help="the whole path in a minute, on scenes of its own")
    a = p.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if a.smoke:
        import make_scenes
        a.name, a.scenes, a.views = "smoke-landmarks", WORK / "smoke-scenes", 2560
        a.detector = YUNET
        (WORK / f"{a.name}.pt").unlink(missing_ok=True)
        make_scenes.make(a.scenes, 0, 1, size=32)
    a.folder = cut_by(a.detector, a.name)
    detector = YuNet(a.detector)
    for source in shards(a.scenes):
        if not (a.folder / source.name).exists():
            make_shard(source, a.folder / source.name, detector)
    Trainer(a).run()


if __name__ == "__main__":
    main()
