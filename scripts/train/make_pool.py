#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the embedder's material: shards of 1,000 pictures of new people with the teacher's answers.

Shard k is a function of k alone (its seed), an existing shard is left as it is, and a shard is written whole or not at all. So a stop
and restart costs at most one shard, and several processes may share the work by --first."""
import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from onnx_graph import OnnxGraph, image_batch
from people import SIDE, People, picture
from places import MOBILEFACENET, WORK
from synthetic_faces import load

SEED = 900_000
HINT = "_plus11"  # The teacher's last 7×7 map before its last expansion, 128 channels.


def teach(teacher, pictures):
    """Unit vectors of the centred crop and of its mirror image (N×2×128), and the hint of the crop."""
    crop = pictures[:, 8:120, 8:120]
    vectors, hints = [], []
    for i in range(0, len(crop), 50):
        x = image_batch(crop[i:i + 50])
        with torch.autocast("cpu", torch.bfloat16):
            v, h = teacher(x, ["fc1", HINT])
            w, = teacher(x.flip(3), ["fc1"])
        vectors.append(torch.stack([v, w], 1).float().numpy())
        hints.append(h.float().numpy().astype(np.float16))
    vectors = np.concatenate(vectors)
    return vectors / np.linalg.norm(vectors, axis=2, keepdims=True), np.concatenate(hints)


def make_shard(folder, index, people, teacher, size=1000):
    rng = np.random.default_rng(SEED + index)
    pictures = np.empty((size, SIDE, SIDE, 3), np.uint8)
    for k in range(size):
        pictures[k] = picture(people, rng)
    vectors, hints = teach(teacher, pictures)
    part = folder / f"{index:05d}.part"
    part.mkdir(parents=True, exist_ok=True)
    for name, value in (("x", pictures), ("t", vectors.astype(np.float32)), ("h", hints)):
        np.save(part / f"{name}.npy", value)
    part.rename(folder / f"{index:05d}")


def make(folder, first, count, deadline=None, size=1000):
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    people, teacher, start = People(*load()), OnnxGraph(MOBILEFACENET), time.time()
    for index in range(first, first + count):
        if (folder / f"{index:05d}").exists():
            continue
        if deadline and time.time() > deadline:
            break
        make_shard(folder, index, people, teacher, size)
        print(f"shard {index} after {time.time() - start:.0f} s", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--folder", type=Path, default=WORK / "pool")
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--minutes", type=float, help="start no new shard after this long")
    a = p.parse_args()
    make(a.folder, a.first, a.count, time.time() + a.minutes * 60 if a.minutes else None)


if __name__ == "__main__":
    main()
