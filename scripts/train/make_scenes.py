#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the detector's material: shards of 250 scenes with YuNet's raw maps, as make_people.py makes the embedder's."""

import cv2
import numpy as np

from alignment import STRIDES, YuNet
from places import YUNET, make_missing, shard_options
from scenes import Scenes
from synthetic_faces import load

SEED = 700_000


def targets(maps):
    """Cells × 15: score, box, landmarks as YuNet writes them, all strides after another; halves."""
    rows = []
    for s in STRIDES:
        score = np.sqrt(np.clip(maps[f"cls_{s}"].ravel(), 0, 1) * np.clip(maps[f"obj_{s}"].ravel(), 0, 1))
        rows.append(np.hstack([score[:, None], maps[f"bbox_{s}"].reshape(-1, 4), maps[f"kps_{s}"].reshape(-1, 10)]))
    return np.clip(np.vstack(rows), -60000, 60000).astype(np.float16)


def make_shard(folder, index, scenes, teacher, size=250):
    rng = np.random.default_rng(SEED + index)
    x = np.stack([scenes.make(rng) for _ in range(size)])
    y = np.stack([targets(teacher.maps(scene)) for scene in x])
    part = folder / f"{index:05d}.part"
    part.mkdir(parents=True, exist_ok=True)
    np.save(part / "x.npy", x)
    np.save(part / "y.npy", y)
    part.rename(folder / f"{index:05d}")


def make(folder, first, count, deadline=None, size=250):
    cv2.setNumThreads(1)
    scenes, teacher = Scenes(*load()), YuNet(YUNET)
    make_missing(folder, first, count, lambda index: make_shard(folder, index, scenes, teacher, size), deadline)


def main():
    a = shard_options(__doc__, "scenes", 40)
    make(a.folder, a.first, a.count, a.deadline)


if __name__ == "__main__":
    main()
