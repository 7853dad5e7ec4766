# SPDX-License-Identifier: MIT
"""The generated faces and their landmarks, without those that the sample people were made from (as far as the teacher tells)."""
import csv

import cv2
import numpy as np
import torch

from alignment import TEMPLATE, YuNet, align
from onnx_graph import OnnxGraph, image_batch
from places import MOBILEFACENET, SAMPLE_PEOPLE, SYNTHETIC_FACES, WORK, YUNET

# A parent has a cosine far above what strangers reach (0.53 at FMR 1e-6); mixed people keep less of each parent.
PARENT_COSINE = 0.45

# Where the five points lie in a 256×256 face: the template shrunk 1.7 times about its centre.
POINTS_256 = (TEMPLATE - 56) * (256 / 112 / 1.7) + 128


def five_points(landmarks):
    """Eye centres, nose tip, mouth corners from 68 landmarks (… × 68 × 2)."""
    l = landmarks
    return np.stack([l[..., 36:42, :].mean(-2), l[..., 42:48, :].mean(-2), l[..., 30, :], l[..., 48, :], l[..., 54, :]], -2)


def teach(pictures):
    """The teacher's unit vectors of aligned 112×112 BGR pictures."""
    teacher, parts = OnnxGraph(MOBILEFACENET), []
    for i in range(0, len(pictures), 32):
        with torch.autocast("cpu", torch.bfloat16):  # Its cosine to fp32 is above 0.9996, in a fifteenth of the time.
            parts.append(teacher(image_batch(pictures[i:i + 32]), ["fc1"])[0].float().numpy())
    vectors = np.concatenate(parts)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sample_people_vectors():
    detector, chips = YuNet(YUNET), []
    for path in sorted(SAMPLE_PEOPLE.glob("*.jpg")):
        image = cv2.imread(str(path))
        faces = detector(image, 320)
        if faces:
            chips.append(align(image, max(faces, key=lambda f: f[0][2] * f[0][3])[2]))
    return teach(np.stack(chips))


def aligned(faces):
    """The faces as the program aligns them: N×112×112×3."""
    m = np.hstack([np.eye(2) * 112 / 256 * 1.7, np.full((2, 1), 56 - 128 * 112 / 256 * 1.7)])
    return np.stack([cv2.warpAffine(cv2.GaussianBlur(f, (0, 0), 0.4), m, (112, 112)) for f in faces])


def prepare():
    """Reads everything once: faces N×256×256×3, landmarks N×68×2, kept (bool)."""
    faces, landmarks = [], []
    for folder in SYNTHETIC_FACES:
        with open(folder / "landmarks68.csv", newline="") as file:
            rows = sorted(list(csv.reader(file))[1:], key=lambda r: int(r[0]))
        faces += [cv2.imread(str(folder / f"{int(r[0]):04d}.jpg")) for r in rows]
        landmarks += [[float(v) for v in r[1:]] for r in rows]
    faces, landmarks = np.stack(faces), np.array(landmarks, np.float32).reshape(-1, 68, 2)
    chips = aligned(faces)
    parents = (teach(chips) @ sample_people_vectors().T).max(1)
    return faces, landmarks, parents


def load():
    """(faces, landmarks) of all kept faces, from the cache under WORK."""
    cache = WORK / "synthetic-faces.npz"
    if not cache.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        faces, landmarks, parents = prepare()
        np.savez(cache.with_suffix(".part.npz"), faces=faces, landmarks=landmarks, parents=parents)
        cache.with_suffix(".part.npz").rename(cache)
    data = np.load(cache)
    kept = data["parents"] < PARENT_COSINE
    return data["faces"][kept], data["landmarks"][kept]


if __name__ == "__main__":
    faces, landmarks = load()
    parents = np.load(WORK / "synthetic-faces.npz")["parents"]
    print(len(faces), "faces kept;", (parents >= PARENT_COSINE).sum(), "left out as parents of sample people")
    print("cosine to the nearest sample photograph, quantiles 50 90 95 99 %:", np.quantile(parents, [0.5, 0.9, 0.95, 0.99]).round(3))
