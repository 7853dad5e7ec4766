#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""All figures of an embedder, run through cv::dnn as the program does, after YuNet or another detector."""
import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np

import lfw
from alignment import YuNet, align
from places import MOBILEFACENET, SAMPLE_PEOPLE, YUNET


def embed(net, chips, both=False):
    """As the program does: of the face, or (`both`) the mean over the face and its mirror image."""
    def answer(chip):
        net.setInput(cv2.dnn.blobFromImage(chip, 1.0, (112, 112), (0, 0, 0), True))
        return lfw.unit(net.forward()[0])

    return lfw.unit(np.array([answer(c) + answer(np.ascontiguousarray(c[:, ::-1])) if both else answer(c) for c in chips]))


def sample_people(net, detector, threshold, both):
    """Photographs 2–4 of each against everybody's photograph 1, at a cosine from elsewhere. Reported, never chosen by."""
    vectors = {}
    for path in sorted(SAMPLE_PEOPLE.glob("*.jpg")):
        faces = detector(cv2.imread(str(path)), 320)
        if faces:
            chip = align(cv2.imread(str(path)), max(faces, key=lambda f: f[0][2] * f[0][3])[2])
            person, number = path.stem.rsplit("-", 1)
            vectors[person, int(number)] = embed(net, [chip], both)[0]
    gallery = {p: v for (p, n), v in vectors.items() if n == 1}
    probes = [(p, v) for (p, n), v in vectors.items() if n != 1]
    mates = [float(v @ gallery[p]) for p, v in probes if p in gallery]
    others = [float(v @ g) for p, v in probes for q, g in gallery.items() if q != p]
    return {"probes": len(probes), "found": int(sum(m > threshold for m in mates)),
            "others_above": int(sum(o > threshold for o in others)), "lowest_mate": round(min(mates), 3),
            "highest_other": round(max(others), 3)}


def milliseconds(net, count=30):
    x, times = np.random.default_rng(0).uniform(0, 255, (1, 3, 112, 112)).astype(np.float32), []
    for _ in range(count):
        start = time.process_time()
        net.setInput(x)
        net.forward()
        times.append(time.process_time() - start)
    return round(float(np.median(times)) * 1e3, 2)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path)
    p.add_argument("--detector", type=Path, default=YUNET)
    p.add_argument("--both-sides", action="store_true", help="with the mirror image, for a pack whose manifest says so")
    p.add_argument("--out", type=Path, help="also write the figures here")
    a = p.parse_args()
    cv2.setNumThreads(1)
    name = "yunet" if a.detector == YUNET else f"{a.detector.stem}-{a.detector.stat().st_mtime_ns}"
    data, net = lfw.measuring_set(a.detector, name), cv2.dnn.readNetFromONNX(str(a.model))
    both = a.both_sides
    figures = lfw.report(embed(net, data["chips"], both), embed(net, data["photos"], both), data)
    figures["sample_people"] = sample_people(net, YuNet(a.detector), figures["cross_pairs"]["cosine"][3], both)
    figures["ms"] = {"embedder": milliseconds(net), "teacher": milliseconds(cv2.dnn.readNetFromONNX(str(MOBILEFACENET)))}
    figures["bytes"] = a.model.stat().st_size
    text = json.dumps(figures, indent=1)
    print(text)
    if a.out:
        a.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
