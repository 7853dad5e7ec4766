# SPDX-License-Identifier: MIT
"""lfw-dev and the photographs, for measurement only: aligned chips, pairs, five-fold accuracy, rates over all cross pairs."""
import csv

import cv2
import numpy as np

from alignment import YuNet, align
from places import LFW_DEV, PHOTOGRAPHS, WORK, YUNET
from synthetic_faces import teach

# Spelt twice in the set: pairs above this cosine (by the teacher) under two names are one person, and are left out.
SAME_PERSON_TWICE = 0.6


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def central(faces, width, height):
    """The face that the picture is of: large and near the middle."""
    off = lambda b: (b[0] + b[2] / 2 - width / 2) ** 2 + (b[1] + b[3] / 2 - height / 2) ** 2
    return max(faces, key=lambda f: f[0][2] * f[0][3] - off(f[0]))


def pairs():
    with open(LFW_DEV / "pairs.csv", newline="") as file:
        return [(int(r["fold"]), int(r["same"]), r["image_a"], r["image_b"]) for r in csv.DictReader(file)]


def lfw_chips(detector):
    names = sorted({n for p in pairs() for n in p[2:]})
    chips, found = [], []
    for name in names:
        image = cv2.imread(str(LFW_DEV / "images" / name))
        faces = detector(image, 320)
        if faces:
            chips.append(align(image, central(faces, image.shape[1], image.shape[0])[2]))
            found.append(name)
    return np.array(found), np.stack(chips), len(names)


def photograph_chips(detector, smallest=40):
    chips = []
    for path in sorted(PHOTOGRAPHS.glob("*.jpg")):
        image = cv2.imread(str(path))
        chips += [align(image, f[2]) for f in detector(image, 640) if f[0][2] >= smallest]
    return np.stack(chips)


def measuring_set(detector_path=YUNET, name="yunet"):
    """Chips found by this detector and the teacher's vectors of them; cached under WORK."""
    cache = WORK / f"measure-{name}.npz"
    if not cache.exists():
        cv2.setNumThreads(1)
        detector = YuNet(detector_path)
        names, chips, total = lfw_chips(detector)
        photos = photograph_chips(detector)
        np.savez(cache.with_suffix(".part.npz"), names=names, chips=chips, total=total, teacher=teach(chips), photos=photos,
                 photos_teacher=teach(photos))
        cache.with_suffix(".part.npz").rename(cache)
    return dict(np.load(cache))


def five_fold(vectors, names):
    index = {n: i for i, n in enumerate(names)}
    known = [(f, s, index[a], index[b]) for f, s, a, b in pairs() if a in index and b in index]
    fold, same, a, b = (np.array(v) for v in zip(*known))
    score, accuracy = (vectors[a] * vectors[b]).sum(1), []
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        order = np.argsort(score[train])
        s, y = score[train][order], same[train][order] == 1
        right = np.concatenate([[0], np.cumsum(~y)]) + np.concatenate([np.cumsum(y[::-1])[::-1], [0]])
        best = int(np.argmax(right))
        threshold = (s[min(best, len(s) - 1)] + s[max(best - 1, 0)]) / 2
        accuracy.append(((score[test] > threshold) == (same[test] == 1)).mean())
    return float(np.mean(accuracy)), float(np.std(accuracy)), len(known)


def cross_pairs(vectors, names, teacher, rates=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5)):
    """Mates found at each false match rate over all pairs of different names, and the cosine there."""
    people = np.array([n.rsplit("_", 1)[0] for n in names])
    same = people[:, None] == people[None]
    upper = np.triu(np.ones_like(same), 1)
    twice = ~same & (teacher @ teacher.T > SAME_PERSON_TWICE)
    scores = vectors @ vectors.T
    mates, others = scores[same & upper], np.sort(scores[~same & upper & ~twice])[::-1]
    at = [float(others[int(r * len(others))]) for r in rates]
    return {"fmr": list(rates), "cosine": [round(t, 4) for t in at], "tar": [round(float((mates > t).mean()), 4) for t in at],
            "mates": int(len(mates)), "non_mates": int(len(others))}


def report(vectors, photo_vectors, data):
    """All figures of one embedder whose unit vectors of the measuring set are given."""
    accuracy, spread, count = five_fold(vectors, data["names"])
    cross = cross_pairs(vectors, data["names"], data["teacher"])
    return {"lfw_dev_accuracy": round(accuracy, 4), "folds_sd": round(spread, 4), "pairs": count,
            "not_detected": int(data["total"]) - len(data["names"]), "images": int(data["total"]),
            "tar_at_fmr_1e-3": cross["tar"][2], "cross_pairs": cross,
            "cosine_to_teacher_lfw": round(float((vectors * data["teacher"]).sum(1).mean()), 4),
            "cosine_to_teacher_photographs": round(float((photo_vectors * data["photos_teacher"]).sum(1).mean()), 4),
            "photograph_faces": len(data["photos"])}


if __name__ == "__main__":
    d = measuring_set()
    print("teacher", report(d["teacher"], d["photos_teacher"], d))
