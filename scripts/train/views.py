# SPDX-License-Identifier: MIT
"""What teacher and student see: pictures of invented people, mixes of two, or pieces of pictures without a face, moved, mirrored and
damaged. Both see the very same view, so that the student learns to compute what the teacher computes, and has nothing to guess."""
import os

import cv2
import numpy as np

from alignment import YuNet
from people import SIDE, smooth
from places import WORK, YUNET, shards
from scenes import backgrounds

MOST = 4_000_000  # pictures of which it is remembered how hard they are
UNSEEN = 2.0
_noise = np.random.default_rng(0).integers(-127, 128, (300, 300, 3)).astype(np.int16)


def moved(x, rng, strength):
    """Turned, scaled, shifted and mirrored, as alignment errs."""
    angle, scale = rng.normal(0, 0.06) * strength, 1 + rng.normal(0, 0.045) * strength
    c, s, d = np.cos(angle) * scale, np.sin(angle) * scale, rng.normal(0, 2, 2) * strength
    m = np.array([[c, -s, 63.5 - c * 63.5 + s * 63.5 + d[0]], [s, c, 63.5 - s * 63.5 - c * 63.5 + d[1]]])
    if rng.random() < 0.5:
        m[0] = -m[0]
        m[0, 2] += SIDE - 1
    return cv2.warpAffine(x, m, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def black_frame(y, rng):
    """The black corners that alignment leaves when a face lies at the border of its picture."""
    centre = (64 + rng.normal(0, 4), 66 + rng.normal(0, 4))
    box = cv2.boxPoints((centre, (rng.uniform(80, 135), rng.uniform(86, 145)), np.degrees(rng.normal(0, 0.15))))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(mask, np.round(box).astype(np.int32), 255)
    y[mask == 0] = 0


def damaged(y, rng, strength):
    """Coarse or blurred, sharpened, of other contrast, compressed, noisy, partly covered, with black corners."""
    u = rng.random()
    if u < 0.25 * strength:
        q = rng.uniform(0.2, 0.8)
        small = cv2.resize(y, None, fx=q, fy=q, interpolation=cv2.INTER_AREA)
        y = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    elif u < 0.4 * strength:
        y = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.4, 1.8))
    if rng.random() < 0.4:
        blurred, amount = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.6, 1.8)), rng.uniform(0.2, 1.5)
        y = cv2.addWeighted(y, 1 + amount, blurred, -amount, 0)
    if rng.random() < 0.5:
        gain = rng.uniform(0.7, 1.5)
        y = cv2.convertScaleAbs(y, alpha=gain, beta=(1 - gain) * 110 + rng.uniform(-20, 20))
    if rng.random() < 0.2 * strength:
        y = cv2.imdecode(cv2.imencode(".jpg", y, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])[1], cv2.IMREAD_COLOR)
    if rng.random() < 0.2 * strength:
        h, w = rng.integers(0, 300 - SIDE, 2)
        y = np.clip(y + (_noise[h:h + SIDE, w:w + SIDE] >> int(rng.integers(3, 6))), 0, 255).astype(np.uint8)
    if rng.random() < 0.1 * strength:
        h, w = rng.integers(10, 40, 2)
        top, left = rng.integers(8, 120 - h), rng.integers(8, 120 - w)
        y[top:top + h, left:left + w] = rng.integers(0, 255)
    if rng.random() < 0.3:
        black_frame(y, rng)
    return y


def mixed(x, y, rng):
    """Two pictures in one: evenly, or region by region."""
    if rng.random() < 0.5:
        y = y[:, ::-1]
    if rng.random() < 0.45:
        weight = np.float32(rng.uniform(0.15, 0.85))
    else:
        field = smooth(rng, int(rng.integers(2, 6)), SIDE) + rng.normal(0, 0.5)
        weight = (1 / (1 + np.exp(-field * rng.uniform(1, 12))))[..., None].astype(np.float32)
    return (x * weight + y * (1 - weight)).astype(np.uint8)


class Pictures:
    """The pictures of all shards, and how hard the last view with each of them was for the student (shared by processes)."""

    def __init__(self, folder, hardness):
        self.folder, self.hardness, self.shards, self.ends = folder, hardness, [], np.zeros(0, int)
        self.rescan()

    def rescan(self):
        self.shards = [np.load(path / "x.npy", mmap_mode="r") for path in shards(self.folder)]
        self.ends = np.cumsum([len(s) for s in self.shards])

    def __len__(self):
        return int(self.ends[-1]) if len(self.ends) else 0

    def get(self, i):
        k = int(np.searchsorted(self.ends, i, "right"))
        return self.shards[k][i - (self.ends[k - 1] if k else 0)]

    def draw(self, rng, hard):
        """An index; in a share `hard` of the calls the harder of two."""
        a, b = rng.integers(0, min(len(self), MOST), 2)
        return int(b) if rng.random() < hard and self.hardness[b] > self.hardness[a] else int(a)


class Nobody:
    """Pieces, of many sizes, of the backgrounds in which YuNet finds no face."""

    def __init__(self):
        cache = WORK / "nobody.npz"
        if not cache.exists():
            yunet = YuNet(YUNET)
            kept = [x for x in backgrounds() if not yunet(x, 320) and not yunet(x, 640)]
            part = cache.with_name(f"nobody-{os.getpid()}.part.npz")
            np.savez(part, **{f"{k:04d}": x for k, x in enumerate(kept)})
            part.rename(cache)
        data = np.load(cache)
        self.pictures = [data[k] for k in data.files]

    def get(self, rng):
        x = self.pictures[rng.integers(len(self.pictures))]
        side = int(np.exp(rng.uniform(np.log(SIDE / 2), np.log(min(x.shape[:2])))))
        top, left = (int(rng.integers(0, n - side + 1)) for n in x.shape[:2])
        x = cv2.resize(x[top:top + side, left:left + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR)
        return cv2.cvtColor(cv2.cvtColor(x, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) if rng.random() < 0.5 else x


def batch(pictures, nobody, rng, count, a):
    """(views N×128×128×3, which two pictures each is of: N×2; −1: of none). `a` has nobody, mix, hard and strength."""
    views, parents = np.empty((count, SIDE, SIDE, 3), np.uint8), np.empty((count, 2), np.int64)
    for k in range(count):
        if nobody and rng.random() < a.nobody:
            views[k], parents[k] = damaged(moved(nobody.get(rng), rng, a.strength), rng, a.strength), -1
            continue
        i = j = pictures.draw(rng, a.hard)
        x = pictures.get(i)
        if rng.random() < a.mix:
            j = pictures.draw(rng, a.hard)
            x = mixed(x, pictures.get(j), rng)
        views[k], parents[k] = damaged(moved(np.ascontiguousarray(x), rng, a.strength), rng, a.strength), (i, j)
    return views, parents


def feed(out, folder, hardness, seed, count, a):
    """The work of a process: batches into the queue `out`, without end. Pictures that appear meanwhile join."""
    os.nice(1)  # behind the student, which is what takes the time
    cv2.setNumThreads(1)
    rng, pictures, made = np.random.default_rng(seed), Pictures(folder, hardness.numpy()), 0
    nobody = Nobody() if a.nobody else None
    while True:
        out.put(batch(pictures, nobody, rng, count, a))
        made += 1
        if made % 200 == 0:
            pictures.rescan()
