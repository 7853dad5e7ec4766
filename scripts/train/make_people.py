#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the embedder's material: shards of 1,000 pictures of new people.

Shard k is a function of k alone (its seed), an existing shard is left as it is, and a shard is written whole or not at all. So a stop
and restart costs at most one shard, and several processes may share the work by --first."""

import cv2
import numpy as np

from people import SIDE, People, picture
from places import make_missing, shard_options
from synthetic_faces import load

SEED = 900_000
AS_THEY_ARE = 0.1  # the share of pictures that are a synthetic face unchanged


def make_shard(folder, index, people, size=1000):
    rng = np.random.default_rng(SEED + index)
    pictures = np.empty((size, SIDE, SIDE, 3), np.uint8)
    for k in range(size):
        pictures[k] = people.plain(rng) if rng.random() < AS_THEY_ARE else picture(people, rng)
    part = folder / f"{index:05d}.part"
    part.mkdir(parents=True, exist_ok=True)
    np.save(part / "x.npy", pictures)
    part.rename(folder / f"{index:05d}")


def make(folder, first, count, deadline=None, size=1000):
    cv2.setNumThreads(1)
    people = People(*load())
    make_missing(folder, first, count, lambda index: make_shard(folder, index, people, size), deadline)


def main():
    a = shard_options(__doc__, "people", 100)
    make(a.folder, a.first, a.count, a.deadline)


if __name__ == "__main__":
    main()
