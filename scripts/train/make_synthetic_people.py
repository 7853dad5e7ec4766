#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The synthetic people that provisional calibrations rest on: models/people/people.mjpeg.

One picture of each, 160×160: a JPEG after the other (Motion JPEG). Each is a generated face seen from the front, brought into a new shape (its own
exaggerated, and random modes of people.py), in grey or colour and in somewhat other light. No two show one person: of faces that the teacher takes for
alike (cosine above ALIKE, which one in a hundred thousand strangers reach) only one is taken, and nobody is made of two. The face fills less of the
picture than of an aligned one, so that every detector finds it.

Usage: make_synthetic_people.py [--count 1000] [--out FILE]"""
import argparse
import pathlib

import cv2
import numpy as np

from alignment import TEMPLATE, similarity
from people import People
from places import ROOT, WORK
from synthetic_faces import aligned, five_points, load, teach

ALIKE = 0.45
SIDE, SCALE = 160, 1.1  # pixels of the picture for one of the aligned face
MOST_SIDEWAYS = 0.22  # of the eyes' distance: the nose tip from between the eyes


def all_faces():
    """Faces, landmarks and the teacher's vectors; cached under WORK."""
    cache = WORK / "synthetic-people.npz"
    if not cache.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        faces, landmarks = load()
        np.savez(cache.with_suffix(".part.npz"), faces=faces, landmarks=landmarks, vectors=teach(aligned(faces)))
        cache.with_suffix(".part.npz").rename(cache)
    data = np.load(cache)
    return data["faces"], data["landmarks"], data["vectors"]


def from_the_front(people, landmarks):
    points = five_points(landmarks)
    eyes = np.linalg.norm(points[:, 1] - points[:, 0], axis=1)
    return people.regular & (np.abs(points[:, 2, 0] - points[:, :2, 0].mean(1)) / eyes < MOST_SIDEWAYS)


def different(vectors, candidates):
    """Candidates of whom no two are alike: first those that few others are alike to."""
    index = np.flatnonzero(candidates)
    alike = vectors[index] @ vectors[index].T > ALIKE
    taken, blocked = [], np.zeros(len(index), bool)
    for i in np.argsort(alike.sum(1), kind="stable"):
        if not blocked[i]:
            taken.append(index[i])
            blocked |= alike[i]
    return np.array(taken)


def picture(people, rng, i):
    """The face i in a new shape, before its light: SIDE×SIDE×3 float."""
    shape = people.shapes[i]
    target = people.mean + (shape - people.mean) * rng.uniform(0.9, 1.3)
    target = (target + np.tensordot(rng.standard_normal(30).astype(np.float32) * 0.45, people.modes, 1)).astype(np.float32)
    m = similarity(five_points(target[:68]), (TEMPLATE - 56) * SCALE + SIDE / 2)
    where = people.field(shape, target, SIDE, m).astype(np.float32)
    face = cv2.GaussianBlur(people.faces[i], (0, 0), 0.55)
    return cv2.remap(face, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)


def lit(rng, a):
    u = rng.random()
    if u < 0.3:
        a = np.repeat((np.clip(a, 0, 255) @ np.array([0.114, 0.587, 0.299], np.float32))[..., None], 3, 2)
    elif u < 0.6:
        a = a * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    a = 255 * np.clip(a / 255, 0, 1) ** np.float32(rng.uniform(0.75, 1.3))
    return np.clip((a - 128) * rng.uniform(0.85, 1.15) + 128 + rng.uniform(-12, 12), 0, 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--quality", type=int, default=80)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "models" / "people" / "people.mjpeg")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    faces, landmarks, vectors = all_faces()
    people = People(faces, landmarks)
    front = from_the_front(people, landmarks)
    taken = different(vectors, front)
    rng = np.random.default_rng(21)
    chosen = rng.permutation(taken)[:options.count]
    pictures = [lit(rng, picture(people, rng, i)) for i in chosen]
    bytes_of = lambda a: cv2.imencode(".jpg", a, [cv2.IMWRITE_JPEG_QUALITY, options.quality])[1].tobytes()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(b"".join(bytes_of(a) for a in pictures))
    print(f"{len(faces)} faces, {front.sum()} from the front, {len(taken)} of them different; {len(chosen)} people, "
          f"{options.out.stat().st_size} bytes")


main()
