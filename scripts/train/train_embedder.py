#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Distils the embedder from its teacher's answers on the pool, measures on lfw-dev as it goes, keeps the best as ONNX.

Run again with the same --name it goes on from its checkpoint. The rate falls to zero over --views or --minutes,
whichever is used up first."""
import argparse
import copy
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import lfw
import make_pool
from embedder_net import SHAPES, Embedder
from export_onnx import export
from onnx_graph import image_batch
from places import TRIAL, WORK
from pool_loader import Loader, Pool

SEED = 4
SHOWN = ("lfw_dev_accuracy", "tar_at_fmr_1e-3", "cosine_to_teacher_lfw", "cosine_to_teacher_photographs")


def load_into(network, state):
    """Copies weights; where a tensor is narrower than ours it fills the leading corner and leaves the rest as initialised."""
    own = network.state_dict()
    for name, value in state.items():
        if name in own and own[name].dim() == value.dim():
            own[name][tuple(slice(0, min(a, b)) for a, b in zip(own[name].shape, value.shape))] = \
                value[tuple(slice(0, min(a, b)) for a, b in zip(own[name].shape, value.shape))]
    network.load_state_dict(own)


class Distillation(nn.Module):
    """Plain and whitened cosine, similarity matrices, and the teacher's 7×7 map through a 1×1 projection."""

    def __init__(self, width, vectors, hints):
        super().__init__()
        self.projection = nn.Conv2d(width, 128, 1)
        values, modes = np.linalg.eigh(vectors.T @ vectors / len(vectors))
        self.register_buffer("whiten", torch.from_numpy((modes / np.sqrt(values + values.mean() * 0.05)).astype(np.float32)))
        self.register_buffer("mean", torch.from_numpy(hints.mean((0, 2, 3))[None, :, None, None]))
        self.register_buffer("std", torch.from_numpy(hints.std((0, 2, 3))[None, :, None, None]))

    def forward(self, output, feature, t, h, hint_weight):
        e = F.normalize(output.float())
        each = 1 - (e * t).sum(1)
        ew, tw = F.normalize(e @ self.whiten), F.normalize(t @ self.whiten)
        loss = 0.4 * each.mean() + (1 - (ew * tw).sum(1)).mean() + 2 * (ew @ ew.T - tw @ tw.T).pow(2).mean()
        if hint_weight:
            loss = loss + hint_weight * (self.projection(feature).float() - (h - self.mean) / self.std).pow(2).mean()
        return loss, each.detach()


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a, self.device = a, a.device
        self.pool = Pool(a.pool)
        if not len(self.pool):
            raise SystemExit(f"{a.pool} holds no shard: run make_pool.py first")
        widths, blocks = SHAPES[a.shape]
        self.network = Embedder(widths, blocks).to(memory_format=torch.channels_last)
        self.distillation = Distillation(widths[-1], self.pool.vectors(), self.pool.hints())
        if a.init:
            load_into(self.network, torch.load(a.init, map_location="cpu"))
            projection = Path(f"{a.init}.p1")
            if projection.exists() and a.shape == "small":
                self.distillation.projection.load_state_dict(torch.load(projection, map_location="cpu"))
        self.network.to(self.device)
        self.distillation.to(self.device)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        parameters = list(self.network.parameters()) + list(self.distillation.projection.parameters())
        self.optimizer = torch.optim.AdamW(parameters, a.rate, weight_decay=2e-4)
        self.views, self.elapsed, self.best, self.steps = 0, 0.0, -1.0, 0
        self.checkpoint = WORK / f"{a.name}.pt"
        if self.checkpoint.exists():
            self.restore()

    def parts(self):
        return {"network": self.network, "average": self.average, "distillation": self.distillation, "optimizer": self.optimizer}

    def save(self):
        state = {k: v.state_dict() for k, v in self.parts().items()}
        state.update(views=self.views, elapsed=self.elapsed, best=self.best, steps=self.steps)
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def restore(self):
        state = torch.load(self.checkpoint, map_location=self.device)
        for k, v in self.parts().items():
            v.load_state_dict(state[k])
        self.views, self.elapsed, self.best, self.steps = (state[k] for k in ("views", "elapsed", "best", "steps"))
        print(f"goes on at {self.views} views", flush=True)

    def fraction(self):
        by_time = self.elapsed / 60 / self.a.minutes if self.a.minutes else 0
        return max(self.views / self.a.views, by_time)

    def step(self, batch):
        x, t, h, index = batch
        rate = self.a.rate * min(1, (self.steps + 1) / 200) * 0.5 * (1 + np.cos(np.pi * min(1, self.fraction())))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        t, h = torch.from_numpy(t).to(self.device), torch.from_numpy(h).to(self.device)
        with torch.autocast(self.device, torch.bfloat16):
            output, feature = self.network(image_batch(x, self.device), True)
            loss, each = self.distillation(output, feature, t, h, self.a.hint)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.pool.loss[index] = each.cpu().numpy()
        self.steps, self.views = self.steps + 1, self.views + len(x)
        decay = min(0.999, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values()):
                mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)
        return float(each.mean())

    @torch.no_grad()
    def embed(self, chips):
        out = []
        for i in range(0, len(chips), 128):
            with torch.autocast(self.device, torch.bfloat16):
                out.append(F.normalize(self.average(image_batch(chips[i:i + 128], self.device)).float()).cpu().numpy())
        return np.concatenate(out)

    def measure(self, data):
        """Measures the averaged weights; keeps them, as ONNX with their figures, if they find more mates than ever before.
        Without lfw-dev (data None) it keeps the latest."""
        if data is None:
            figures = {"views": self.views, "pictures": len(self.pool), "name": self.a.name, "measured": False}
            self.keep(figures)
            return figures
        figures = lfw.report(self.embed(data["chips"]), self.embed(data["photos"]), data)
        figures.update(views=self.views, pictures=len(self.pool), name=self.a.name)
        if figures["tar_at_fmr_1e-3"] > self.best:
            self.best = figures["tar_at_fmr_1e-3"]
            self.keep(figures)
        return figures

    def keep(self, figures):
        best = WORK / ("smoke" if self.a.smoke else "best")
        best.mkdir(parents=True, exist_ok=True)
        network = copy.deepcopy(self.average).cpu()
        example = torch.rand(1, 3, 112, 112, generator=torch.Generator().manual_seed(SEED)) * 255
        figures["cv_dnn_difference"] = export(network, best / f"{self.a.name}.onnx", example, "image", ["template"])
        torch.save(network.state_dict(), best / f"{self.a.name}.pt")
        torch.save(self.distillation.projection.state_dict(), best / f"{self.a.name}.pt.p1")
        (best / f"{self.a.name}.json").write_text(json.dumps(figures, indent=1) + "\n")

    def run(self, data):
        loader = Loader(self.pool, self.a.batch, SEED + self.steps, self.a.loaders, self.a.hard)
        last, running, next_measure = time.time(), None, self.views
        while self.fraction() < 1:
            if self.views >= next_measure:
                f = self.measure(data)
                print(f"views {self.views} min {self.elapsed / 60:.1f} pool {len(self.pool)} train-cos {1 - (running or 1):.4f}",
                      {k: f[k] for k in SHOWN if k in f}, flush=True)
                next_measure = self.views + self.a.every
                self.save()
                loader.restart()
            loss = self.step(loader.next())
            running = loss if running is None else 0.98 * running + 0.02 * loss
            now = time.time()
            self.elapsed, last = self.elapsed + now - last, now
            if self.steps % 300 == 0:
                self.save()
        loader.stopped = True
        self.save()
        return self.measure(data)


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="embedder")
    p.add_argument("--shape", choices=SHAPES, default="small")
    p.add_argument("--pool", type=Path, default=WORK / "pool")
    p.add_argument("--init", default=str(TRIAL / "embedder.pt"), help="weights to begin with; empty: none")
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--views", type=int, default=4_000_000)
    p.add_argument("--minutes", type=float)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--hint", type=float, default=0.3, help="weight of the teacher's map")
    p.add_argument("--hard", type=float, default=0.3, help="share of pictures that are the harder of two")
    p.add_argument("--every", type=int, default=60_000, help="views between measurements")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--loaders", type=int, default=0, help="processes that prepare batches; 0: one thread")
    p.add_argument("--device", default="cpu")
    p.add_argument("--smoke", action="store_true", help="the whole path in two minutes, on a pool of its own")
    return p.parse_args()


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    if a.smoke:
        a.name, a.pool, a.views, a.batch, a.minutes = "smoke-embedder", WORK / "smoke-pool", 640, 32, 1.5
        (WORK / f"{a.name}.pt").unlink(missing_ok=True)
        make_pool.make(a.pool, 0, 2, size=64)
        Trainer(a).run(None)
        print("smoke: trained, exported and compared with cv::dnn")
        return
    data = lfw.measuring_set() if lfw.LFW_DEV.exists() else None
    print(Trainer(a).run(data))


if __name__ == "__main__":
    main()
