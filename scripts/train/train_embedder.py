#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Teaches the embedder what its teacher answers to the very views that it sees, and exports the averaged weights as ONNX.

From random weights, first with --apart: each part is given the teacher's map before it and learns the teacher's map after it. Then
without: the parts run one after another, and learn the teacher's maps and its answer. --init takes the exported file of an earlier
training, which is all that going on needs. Run again with the same --name, it continues from its checkpoint. The rate is high until the
last share --fall of --views. If lfw-dev is available it is measured during the training, to show its progress only: the last weights
are the result."""
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
from embedder_net import Embedder, read_back
from export_onnx import export
from onnx_graph import image_batch
from places import WORK
from teachers import Teacher, crop, teach
from training import Training, finished
from views import MOST, UNSEEN, Nobody, Pictures, batch, feed

SEED = 5
PAUSE = WORK / "pause"  # while this file is there, the training waits
SHOWN = ("lfw_dev_accuracy", "tar_at_fmr_1e-3", "cosine_to_teacher_lfw", "cosine_to_teacher_photographs")
# Taught apart, a part learns from each place of its map. So the early ones need this share of the views.
APART = {28: 0.125, 14: 0.25, 7: 1}


class Maps(nn.Module):
    """The teacher's maps, channels scaled to mean 0 and variance 1: alike for all maps of one side, because parts add to them."""

    def __init__(self, example):
        super().__init__()
        for side in {m.shape[1] for m in example}:
            m = torch.from_numpy(np.concatenate([m for m in example if m.shape[1] == side])).float()
            self.register_buffer(f"mean{side}", m.mean((0, 1, 2)))
            self.register_buffer(f"spread{side}", m.std((0, 1, 2)))

    def scaled(self, m):
        m = (m.float() - getattr(self, f"mean{m.shape[1]}")) / getattr(self, f"spread{m.shape[1]}")
        return m.permute(0, 3, 1, 2)

    @torch.no_grad()
    def prepare(self, parts, example, begin):
        """The variance of what each part has to make. `begin`: its last batch norm begins with its mean and spread."""
        before, energy = None, []
        for part, m in zip(parts, example):
            m = self.scaled(torch.from_numpy(m))
            made = m - before if part.adds else m
            mean, spread = made.mean((0, 2, 3)), made.std((0, 2, 3))
            energy.append(float(spread.pow(2).mean()))
            last = part[-1][-1] if isinstance(part[-1][-1], nn.BatchNorm2d) else part[-1][-1][-1]
            if begin:
                last.weight.copy_(spread)
                last.bias.copy_(mean)
            before = m
        return energy


def disagreement(output, t):
    """How far the student's answers and the similarities within the batch are from the teacher's; and each answer's cosine."""
    e = F.normalize(output.float())
    cosine = (e * t).sum(1)
    return (1 - cosine).mean() + (e @ e.T - t @ t.T).pow(2).mean(), cosine.detach()


class Taught:
    """The last views that the teacher answered. Each is used several times."""

    def __init__(self, size):
        self.size, self.parts, self.filled, self.next = size, None, 0, 0

    def add(self, x, t, maps, parents):
        new = [torch.from_numpy(v) for v in (x, t, parents, *maps)]
        if self.parts is None:
            self.parts = [torch.empty((self.size, *v.shape[1:]), dtype=v.dtype) for v in new]
        at = (self.next + np.arange(len(x))) % self.size
        for mine, v in zip(self.parts, new):
            mine[at] = v
        self.next = (self.next + len(x)) % self.size
        self.filled = min(self.size, self.filled + len(x))

    def draw(self, rng, counts):
        """As many of each map as `counts` says, of the first of as many pictures as it says at most."""
        i = rng.integers(0, self.filled, max(counts))
        x, t, parents, *maps = self.parts
        return x[i], t[i], [m[i[:n]] for m, n in zip(maps, counts)], parents[i]


class Source:
    """Taught views, from processes for the views and one for the teacher (on a GPU the teacher answers here)."""

    def __init__(self, a, hardness):
        self.a, self.rng, self.hardness = a, np.random.default_rng(a.seed), hardness
        self.taught, self.due, self.teacher = Taught(max(a.kept, a.batch)), 0.0, None
        context = mp.get_context("spawn")
        self.views, self.answers = context.Queue(4 * max(1, a.loaders)), context.Queue(4)
        self.processes = [context.Process(target=feed, args=(self.views, a.people, hardness, a.seed + k, a.batch, a), daemon=True)
                          for k in range(a.loaders)]
        if a.device == "cpu":
            self.processes.append(context.Process(target=teach, args=(self.views, self.answers, a.batch, a.device), daemon=True))
        else:
            self.teacher = Teacher(a.batch, a.device)
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
        if self.teacher:
            x, parents = self.get(self.views)
            x = crop(x)
            return (x, *self.teacher(x), parents)
        return self.get(self.answers)

    def next(self, counts):
        self.due += 1
        while self.due > 0:
            self.taught.add(*self.fresh())
            self.due -= self.a.uses
        return self.taught.draw(self.rng, counts)

    def stop(self):
        for process in self.processes:
            process.terminate()


def example(a):
    """Views, what the teacher answers, and its maps, to fit batch norms and the scales of maps on."""
    pictures, nobody = Pictures(a.people, np.full(MOST, UNSEEN, np.float32)), Nobody() if a.nobody else None
    if not len(pictures):
        raise SystemExit(f"{a.people} holds no shard: run make_people.py first")
    rng, teacher = np.random.default_rng(SEED), Teacher(a.batch)
    views = [crop(batch(pictures, nobody, rng, a.batch, a)[0]) for _ in range(max(1, a.example // a.batch))]
    answers, maps = zip(*(teacher(v) for v in views))
    return np.concatenate(views), np.concatenate(answers), [np.concatenate(m) for m in zip(*maps)]


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a, self.device = a, a.device
        chips, _, maps = example(a)
        network = read_back(a.init, image_batch(chips)) if a.init else Embedder().to(memory_format=torch.channels_last)
        few = [m[:256] for m in maps]
        self.maps = Maps(few)
        self.energy = self.maps.prepare(network.parts, few, begin=not a.init)
        self.counts = [max(1, int(a.batch * APART[m.shape[1]])) if a.apart else a.batch for m in maps]
        network, self.maps = network.to(self.device), self.maps.to(self.device)
        self.training = Training(a.name, network, a.rate, 2e-4, memory=a.memory, clip=5, muon=a.muon)
        self.hardness = torch.full((MOST,), UNSEEN).share_memory_()
        a.seed = SEED + self.training.steps

    def falling(self):
        """How much of the fall of the rate is over."""
        return max(0.0, 1 - (self.a.views - self.training.views) / (self.a.views * self.a.fall)) if self.a.fall else 0.0

    def step(self, x, t, maps, parents):
        network = self.training.network.train()
        maps, t = [self.maps.scaled(m.to(self.device)) for m in maps], t.to(self.device)
        y, errors = image_batch(x.numpy(), self.device), []
        with torch.autocast(self.device, torch.bfloat16):
            for part, wanted, energy in zip(network.parts, maps, self.energy):
                out = part(y[:len(wanted)])
                errors.append((out.float() - wanted[:len(out)]).pow(2).mean() / energy)
                y = wanted if self.a.apart else out
            output = network.head(y)
        loss, cosine = disagreement(output, t)
        self.training.step(self.a.answers * loss + sum(errors), len(x), self.falling())
        self.hardness[parents] = 1 - cosine.cpu()[:, None].expand(-1, 2)
        return np.array([float(cosine.mean()), *(float(e) for e in errors)])

    @torch.no_grad()
    def embed(self, chips):
        out = []
        for i in range(0, len(chips), 128):
            with torch.autocast(self.device, torch.bfloat16):
                out.append(F.normalize(self.training.average(image_batch(chips[i:i + 128], self.device)).float()).cpu().numpy())
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
                print(self.figures(data), "in training: cosine, errors of maps", [] if running is None else running.round(3).tolist(), flush=True)
                next_figures = training.views + self.a.every
                training.save()
                last = time.time()
            while PAUSE.exists():
                time.sleep(1)
                last = time.time()
            now_is = self.step(*source.next(self.counts))
            running = now_is if running is None else 0.99 * running + 0.01 * now_is
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
    p.add_argument("--init", type=Path, help="the exported network to begin with; without it, random weights")
    p.add_argument("--apart", action="store_true", help="teach each part for itself, from the teacher's map before it")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--muon", action="store_true", help="orthogonal steps for convolutions (with OpenBLAS, or else slow)")
    p.add_argument("--views", type=int, default=4_000_000, help="after so many, counted from the first run on, it ends")
    p.add_argument("--fall", type=float, default=0.0, help="the share of --views in which the rate falls to zero, at the end")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--answers", type=float, default=3, help="how much the answer counts beside the maps")
    p.add_argument("--memory", type=float, default=0.999, help="of the running mean of the weights, which is the result")
    p.add_argument("--nobody", type=float, default=0.15, help="share of views without a face (needs fetch-backgrounds)")
    p.add_argument("--mix", type=float, default=0.5, help="share of views that are of two pictures")
    p.add_argument("--hard", type=float, default=0.3, help="share of pictures that are the harder of two")
    p.add_argument("--strength", type=float, default=1.0, help="of what is done to the views")
    p.add_argument("--uses", type=float, default=2, help="how often a view that was taught is used")
    p.add_argument("--kept", type=int, default=2048, help="how many taught views are kept for that (0.9 MB each)")
    p.add_argument("--example", type=int, default=1024, help="views to fit batch norms and the scales of maps on")
    p.add_argument("--every", type=int, default=100_000, help="views between figures")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--loaders", type=int, default=1, help="processes that make views")
    p.add_argument("--device", default="cpu")
    p.add_argument("--smoke", action="store_true", help="the whole path in a minute, on pictures of its own")
    return p.parse_args()


def smoke(a):
    a.people, a.nobody, a.muon, a.apart = WORK / "smoke-people", 0, True, True
    a.views, a.batch, a.kept, a.example = 64, 16, 32, 32
    make_people.make(a.people, 0, 2, size=64)
    for a.name in ("smoke-apart", "smoke-embedder"):
        (WORK / f"{a.name}.pt").unlink(missing_ok=True)
        Trainer(a).run(None)
        a.init, a.apart = finished("smoke-apart", True), False
    a.views += 2 * a.batch
    trainer = Trainer(a)  # goes on from the checkpoint
    trainer.run(None)
    chips, answers, _ = example(a)
    print("smoke: cosine to the teacher", (trainer.embed(chips) * answers).sum(1).mean().round(3))


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    if a.smoke:
        smoke(a)
        return
    os.nice(2)
    data = lfw.measuring_set() if lfw.LFW_DEV.exists() else None
    Trainer(a).run(data)


if __name__ == "__main__":
    main()
