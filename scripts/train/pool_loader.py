# SPDX-License-Identifier: MIT
"""Feeds batches of degraded pictures from the shards of a pool; shards that appear during a run are used too."""
import queue
import threading

import numpy as np
import torch

from degrade import degrade
from places import shards

MOST = 8_000_000  # pictures whose last loss is remembered
UNSEEN = 2.0


class Pool:
    """Memory-mapped shards, and the last loss seen of every picture (shared with the loader's processes)."""

    def __init__(self, folder):
        self.folder, self.shards, self.seen, self.ends, self.lock = folder, [], set(), np.zeros(0, int), threading.Lock()
        self.loss = torch.full((MOST,), UNSEEN).share_memory_().numpy()
        self.rescan()

    def rescan(self):
        for path in shards(self.folder):
            if path.name in self.seen:
                continue
            shard = [np.load(path / f"{n}.npy", mmap_mode="r") for n in "xth"]
            with self.lock:
                self.seen.add(path.name)
                self.shards.append(shard)
                self.ends = np.cumsum([len(s[0]) for s in self.shards])

    def __len__(self):
        return int(self.ends[-1]) if len(self.ends) else 0

    def get(self, i):
        k = int(np.searchsorted(self.ends, i, "right"))
        j = i - (self.ends[k - 1] if k else 0)
        return [a[j] for a in self.shards[k]]

    def vectors(self):
        return np.concatenate([s[1][:, 0] for s in self.shards])

    def hints(self, every=20):
        return np.concatenate([s[2][::every].astype(np.float32) for s in self.shards])

    def draw(self, rng, count, hard):
        """Indices; a share `hard` of them is the harder of two."""
        with self.lock:
            a, b = rng.integers(0, len(self), (2, count))
        harder = np.where(self.loss[a] >= self.loss[b], a, b)
        return np.where(rng.random(count) < hard, harder, a)

    def batch(self, rng, count, hard, strength):
        """(pictures N×112×112×3, vectors N×128, hints N×128×7×7, indices)"""
        index = self.draw(rng, count, hard)
        x = np.empty((count, 112, 112, 3), np.uint8)
        t = np.empty((count, 128), np.float32)
        h = np.empty((count, 128, 7, 7), np.float32)
        for j, i in enumerate(index):
            picture, vectors, hint = self.get(i)
            x[j], mirrored = degrade(picture, rng, strength)
            t[j] = vectors[int(mirrored)]
            h[j] = hint[:, :, ::-1] if mirrored else hint
        return x, t, h, index


class _Endless(torch.utils.data.IterableDataset):
    """For the loader's processes: they see the shards there were at their start."""

    def __init__(self, pool, count, seed, hard, strength):
        self.pool, self.arguments, self.seed = pool, (count, hard, strength), seed

    def __iter__(self):
        import cv2
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, torch.utils.data.get_worker_info().id])
        while True:
            yield self.pool.batch(rng, *self.arguments)


class Loader:
    """next() gives a batch, prepared in one thread or in `workers` processes."""

    def __init__(self, pool, batch, seed, workers=0, hard=0.3, strength=1.0):
        self.pool, self.count, self.hard, self.strength, self.seed, self.workers = pool, batch, hard, strength, seed, workers
        self.generation, self.stopped = 0, False
        if workers:
            self.restart()
        else:
            self.ready = queue.Queue(6)
            threading.Thread(target=self.run, args=(np.random.default_rng([seed, 0]),), daemon=True).start()

    def run(self, rng):
        while not self.stopped:
            self.ready.put(self.pool.batch(rng, self.count, self.hard, self.strength))

    def restart(self):
        """Takes in shards that have appeared since; processes also take in a changed strength."""
        self.pool.rescan()
        if self.workers:
            self.generation += 1
            data = _Endless(self.pool, self.count, self.seed + 7919 * self.generation, self.hard, self.strength)
            self.batches = iter(torch.utils.data.DataLoader(data, batch_size=None, num_workers=self.workers, prefetch_factor=4,
                                                            collate_fn=lambda b: b))

    def next(self):
        return next(self.batches) if self.workers else self.ready.get()
