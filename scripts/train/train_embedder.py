#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Teaches the embedder what its two teachers answer to the very views that it sees, and exports the averaged weights as ONNX.

It begins with the weights of an exported file (--init) and needs nothing else of an earlier training. Run again with the same --name, it
continues from its checkpoint. The rate is high until the last share --fall of --views. If lfw-dev is available it is measured during the
training, to show its progress only: the last weights are the result."""
import argparse
import copy
import os
import queue
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F
from torch import nn

import lfw
import make_people
from embedder_net import BLOCKS, Embedder, grow, read_back
from export_onnx import export
from onnx_graph import image_batch
from places import SHIPPED, WORK
from teachers import Teachers, crop, teach
from training import Training, finished
from views import MOST, UNSEEN, Pictures, batch, feed

SEED = 5
PAUSE = WORK / "pause"  # while this file is there, the training waits
SHOWN = ("lfw_dev_accuracy", "tar_at_fmr_1e-3", "cosine_to_teacher_lfw", "cosine_to_teacher_photographs")


class Agreement(nn.Module):
    """Plain and whitened cosine, and the similarities within the batch: how far the student's answers are from the targets."""

    def __init__(self, targets):
        super().__init__()
        values, modes = np.linalg.eigh(targets.T @ targets / len(targets))
        self.register_buffer("whiten", torch.from_numpy((modes / np.sqrt(values + values.mean() * 0.05)).astype(np.float32)))

    def forward(self, output, t):
        e = F.normalize(output.float())
        each = 1 - (e * t).sum(1)
        ew, tw = F.normalize(e @ self.whiten), F.normalize(t @ self.whiten)
        loss = 0.4 * each.mean() + (1 - (ew * tw).sum(1)).mean() + 2 * (ew @ ew.T - tw @ tw.T).pow(2).mean()
        return loss, each.detach()


class Taught:
    """The last views that the teachers answered. Teachers cost more than the student, so that each view is used several times."""

    def __init__(self, size):
        self.x = np.empty((size, 112, 112, 3), np.uint8)
        self.t, self.parents = np.empty((size, 128), np.float32), np.empty((size, 2), np.int64)
        self.filled = self.next = 0

    def add(self, x, t, parents):
        at = (self.next + np.arange(len(x))) % len(self.x)
        self.x[at], self.t[at], self.parents[at] = x, t, parents
        self.next = (self.next + len(x)) % len(self.x)
        self.filled = min(len(self.x), self.filled + len(x))

    def draw(self, rng, count):
        i = rng.integers(0, self.filled, count)
        return self.x[i], self.t[i], self.parents[i]


class Source:
    """Taught views, from processes for the views and one for the teachers (on a GPU the teachers answer here)."""

    def __init__(self, a, hardness):
        self.a, self.rng, self.hardness = a, np.random.default_rng(a.seed), hardness
        self.taught, self.due, self.teachers = Taught(max(a.kept, a.batch)), 0.0, None
        context = mp.get_context("spawn")
        self.views, self.answers = context.Queue(4 * max(1, a.loaders)), context.Queue(4)
        self.processes = [context.Process(target=feed, args=(self.views, a.people, hardness, a.seed + k, a.batch, a), daemon=True)
                          for k in range(a.loaders)]
        if a.device == "cpu":
            self.processes.append(context.Process(target=teach, args=(self.views, self.answers, a.batch, a.device), daemon=True))
        else:
            self.teachers = Teachers(a.batch, a.device)
        for process in self.processes:
            process.start()

    def get(self, ready):
        while True:
            try:
                return ready.get(timeout=60)
            except queue.Empty:
                if not all(p.is_alive() for p in self.processes):
                    raise SystemExit("a process that makes views or teaches has ended; its words are above") from None

    def fresh(self):
        if self.teachers:
            x, parents = self.get(self.views)
            return crop(x), self.teachers(x), parents
        return self.get(self.answers)

    def next(self):
        self.due += 1
        while self.due > 0:
            self.taught.add(*self.fresh())
            self.due -= self.a.uses
        return self.taught.draw(self.rng, self.a.batch)

    def stop(self):
        for process in self.processes:
            process.terminate()


def example(a, count=1024):
    """Views, and what both teachers answer, to fit batch norms and the loss on."""
    pictures = Pictures(a.people, np.full(MOST, UNSEEN, np.float32))
    if not len(pictures):
        raise SystemExit(f"{a.people} holds no shard: run make_people.py first")
    rng, teachers, views = np.random.default_rng(SEED), Teachers(a.batch), []
    for _ in range(max(1, count // a.batch)):
        views.append(batch(pictures, rng, a.batch, a)[0])
    return crop(np.concatenate(views)), np.concatenate([teachers(v) for v in views])


def begin(path, blocks, chips):
    """The network to go on with: that of `path`, with further blocks that begin as nothing."""
    x = image_batch(chips)
    network = read_back(path, x)
    if blocks:
        known, network = network, Embedder(blocks).to(memory_format=torch.channels_last)
        grow(network, blocks, known.state_dict())
        with torch.no_grad():
            difference = (network.eval()(x[:64]) - known(x[:64])).abs().max()
        print(f"grown to {blocks}; answers differ by {float(difference):.1e}", flush=True)
    return network


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a, self.device = a, a.device
        chips, targets = example(a)
        network = begin(a.init, a.blocks, chips).to(self.device)
        self.agreement = Agreement(targets).to(self.device)
        self.training = Training(a.name, network, a.rate, 2e-4, clip=5, muon=a.muon)
        self.hardness = torch.full((MOST,), UNSEEN).share_memory_()
        a.seed = SEED + self.training.steps

    def falling(self):
        """How much of the fall of the rate is over."""
        return max(0.0, 1 - (self.a.views - self.training.views) / (self.a.views * self.a.fall)) if self.a.fall else 0.0

    def step(self, x, t, parents):
        with torch.autocast(self.device, torch.bfloat16):
            output = self.training.network.train()(image_batch(x, self.device))
        loss, each = self.agreement(output, torch.from_numpy(t).to(self.device))
        self.training.step(loss, len(x), self.falling())
        self.hardness[torch.from_numpy(parents)] = each.cpu()[:, None].expand(-1, 2)
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
        f = {"views": self.training.views, "minutes": round(self.training.elapsed / 60, 1)}
        if data:
            report = lfw.report(self.embed(data["chips"]), self.embed(data["photos"]), data)
            f.update({k: report[k] for k in SHOWN}, tar=report["cross_pairs"]["tar"])
        return f

    def export(self):
        path = finished(self.a.name, self.a.smoke)
        network = copy.deepcopy(self.training.average).cpu()
        images = torch.rand(1, 3, 112, 112, generator=torch.Generator().manual_seed(SEED)) * 255
        return export(network, path, images, "image", ["template"])

    def run(self, data):
        training, source = self.training, Source(self.a, self.hardness)
        last, running, next_figures = time.time(), None, training.views
        while training.views < self.a.views:
            if training.views >= next_figures:
                print(self.figures(data), "cosine in training", round(1 - (running or 1), 4), flush=True)
                next_figures = training.views + self.a.every
                training.save()
                last = time.time()
            while PAUSE.exists():
                time.sleep(1)
                last = time.time()
            loss = self.step(*source.next())
            running = loss if running is None else 0.995 * running + 0.005 * loss
            now = time.time()
            training.elapsed, last = training.elapsed + now - last, now
            if training.steps % 300 == 0:
                training.save()
        source.stop()
        training.save()
        print(self.figures(data), "exported, cv::dnn differs by", self.export(), flush=True)


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="embedder")
    p.add_argument("--people", type=Path, default=WORK / "people", help="pictures by make_people.py")
    p.add_argument("--init", type=Path, default=SHIPPED / "embedder.onnx", help="the network to begin with")
    p.add_argument("--shape", choices=BLOCKS, help="let it grow to this many blocks")
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--muon", action="store_true", help="orthogonal steps for convolutions (0.2 ms a view with OpenBLAS, else 2)")
    p.add_argument("--views", type=int, default=4_000_000, help="after so many, counted from the first run on, it ends")
    p.add_argument("--fall", type=float, default=0.0, help="the share of --views in which the rate falls to zero, at the end")
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--mix", type=float, default=0.5, help="share of views that are of two pictures")
    p.add_argument("--hard", type=float, default=0.3, help="share of pictures that are the harder of two")
    p.add_argument("--strength", type=float, default=1.0, help="of what is done to the views")
    p.add_argument("--uses", type=float, default=3, help="how often a view that was taught is used")
    p.add_argument("--kept", type=int, default=32_768, help="how many taught views are kept for that (37 KB each)")
    p.add_argument("--every", type=int, default=100_000, help="views between figures")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--loaders", type=int, default=1, help="processes that make views")
    p.add_argument("--device", default="cpu")
    p.add_argument("--smoke", action="store_true", help="the whole path in a minute, on pictures of its own")
    a = p.parse_args()
    a.blocks = BLOCKS[a.shape] if a.shape else None
    return a


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    if a.smoke:
        a.name, a.people, a.views, a.batch, a.blocks = "smoke-embedder", WORK / "smoke-people", 256, 32, BLOCKS["deeper"]
        (WORK / f"{a.name}.pt").unlink(missing_ok=True)
        make_people.make(a.people, 0, 2, size=64)
        a.muon = True
        Trainer(a).run(None)
        a.views += 2 * a.batch
        trainer = Trainer(a)  # goes on from the checkpoint
        trainer.run(None)
        chips, targets = example(a, 32)
        print("smoke: cosine to the targets", (trainer.embed(chips) * targets).sum(1).mean().round(3))
        return
    os.nice(2)
    data = lfw.measuring_set() if lfw.LFW_DEV.exists() else None
    Trainer(a).run(data)


if __name__ == "__main__":
    main()
