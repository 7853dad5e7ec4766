#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Distils the embedder from its teacher's answers on the pool, and exports the averaged weights as ONNX.

Run again with the same --name, it continues from its checkpoint. The rate falls to zero over --views or --minutes, whichever ends
first; so does part of the degradation of the student's pictures. If lfw-dev is available it is measured during the training, to show its
progress only: the last weights are the result."""
import argparse
import copy
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import lfw
import make_pool
from embedder_net import BLOCKS, WIDTHS, Embedder, grow
from export_onnx import export
from onnx_graph import image_batch
from places import TRIAL, WORK
from pool_loader import Loader, Pool
from training import Training, finished

SEED = 4
SHOWN = ("lfw_dev_accuracy", "tar_at_fmr_1e-3", "cosine_to_teacher_lfw", "cosine_to_teacher_photographs")


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
        self.network = Embedder(BLOCKS[a.shape]).to(memory_format=torch.channels_last)
        self.distillation = Distillation(WIDTHS[-1], self.pool.vectors(), self.pool.hints())
        if a.init:
            grow(self.network, BLOCKS[a.shape], torch.load(a.init, map_location="cpu"))
            projection = Path(f"{a.init}.p1")
            if projection.exists():
                self.distillation.projection.load_state_dict(torch.load(projection, map_location="cpu"))
        self.network.to(self.device)
        self.distillation.to(self.device)
        self.training = Training(a.name, self.network, a.rate, 2e-4, others={"distillation": self.distillation})

    def fraction(self):
        by_time = self.training.elapsed / 60 / self.a.minutes if self.a.minutes else 0
        return max(self.training.views / self.a.views, by_time)

    def step(self, batch):
        x, t, h, index = batch
        t, h = torch.from_numpy(t).to(self.device), torch.from_numpy(h).to(self.device)
        with torch.autocast(self.device, torch.bfloat16):
            output, feature = self.network(image_batch(x, self.device), True)
            loss, each = self.distillation(output, feature, t, h, self.a.hint)
        self.training.step(loss, len(x), self.fraction())
        self.pool.loss[index] = each.cpu().numpy()
        return float(each.mean())

    @torch.no_grad()
    def embed(self, chips):
        """As the program does: the mean over the face and its mirror image."""
        out = []
        for i in range(0, len(chips), 128):
            x = image_batch(chips[i:i + 128], self.device)
            with torch.autocast(self.device, torch.bfloat16):
                both = [F.normalize(self.training.average(side).float()) for side in (x, x.flip(3))]
            out.append(F.normalize(sum(both)).cpu().numpy())
        return np.concatenate(out)

    def figures(self, data):
        """How far it is, and what it does on lfw-dev where that is at hand."""
        f = {"views": self.training.views, "minutes": round(self.training.elapsed / 60, 1), "pictures": len(self.pool)}
        if data:
            report = lfw.report(self.embed(data["chips"]), self.embed(data["photos"]), data)
            f.update({k: report[k] for k in SHOWN})
        return f

    def export(self):
        """The finished network, and its weights to go on from with --init."""
        path = finished(self.a.name, self.a.smoke)
        network = copy.deepcopy(self.training.average).cpu()
        example = torch.rand(1, 3, 112, 112, generator=torch.Generator().manual_seed(SEED)) * 255
        difference = export(network, path, example, "image", ["template"])
        torch.save(network.state_dict(), path.with_suffix(".pt"))
        torch.save(self.distillation.projection.state_dict(), path.with_suffix(".pt.p1"))
        return difference

    def run(self, data):
        training = self.training
        loader = Loader(self.pool, self.a.batch, SEED + training.steps, self.a.loaders, self.a.hard, self.a.strength)
        last, running, next_figures = time.time(), None, training.views
        while self.fraction() < 1:
            if training.views >= next_figures:
                print(self.figures(data), "cosine in training", round(1 - (running or 1), 4), flush=True)
                next_figures = training.views + self.a.every
                training.save()
                loader.strength = self.a.strength * (1 - 0.5 * self.fraction())
                loader.restart()
            loss = self.step(loader.next())
            running = loss if running is None else 0.98 * running + 0.02 * loss
            now = time.time()
            training.elapsed, last = training.elapsed + now - last, now
            if training.steps % 300 == 0:
                training.save()
        loader.stopped = True
        training.save()
        print(self.figures(data), "exported, cv::dnn differs by", self.export(), flush=True)


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="embedder")
    p.add_argument("--shape", choices=BLOCKS, default="deep")
    p.add_argument("--pool", type=Path, default=WORK / "pool")
    p.add_argument("--init", default=str(TRIAL / "embedder.pt"), help="weights to begin with; empty: none")
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--views", type=int, default=4_000_000)
    p.add_argument("--minutes", type=float)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--hint", type=float, default=0.3, help="weight of the teacher's map")
    p.add_argument("--hard", type=float, default=0.3, help="share of pictures that are the harder of two")
    p.add_argument("--strength", type=float, default=1.0, help="of what is done to the student's pictures; falls to half")
    p.add_argument("--every", type=int, default=60_000, help="views between figures")
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
        trainer = Trainer(a)
        trainer.run(None)
        crops = np.stack([trainer.pool.get(i)[0][8:120, 8:120] for i in range(8)])
        print("smoke: cosine to the teacher", (trainer.embed(crops) * trainer.pool.vectors()[:8]).sum(1).mean().round(3))
        return
    data = lfw.measuring_set() if lfw.LFW_DEV.exists() else None
    Trainer(a).run(data)


if __name__ == "__main__":
    main()
