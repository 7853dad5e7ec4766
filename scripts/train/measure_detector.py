#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares the detector with YuNet, both through cv::dnn: faces missed and invented, landmarks, lfw-dev, time."""
import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np

from alignment import YuNet
from lfw import central, pairs
from places import LFW_DEV, PHOTOGRAPHS, SAMPLE_PEOPLE, WORK, YUNET

THRESHOLD = 0.7  # the manifest's min_score, for both


def overlap(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0, w) * max(0, h)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def point_errors(ours, theirs):
    """Distance of each of the five points, as a share of the distance of YuNet's eyes."""
    eyes = np.linalg.norm(theirs[0] - theirs[1])
    return np.linalg.norm(ours - theirs, axis=1) / max(eyes, 1e-6)


def compare(detector, reference, images, side, smallest=40, threshold=THRESHOLD):
    """Faces of YuNet that the detector has or lacks, what it has beyond them, and the points' errors."""
    known = missed = extra = 0
    errors = []
    for image in images:
        theirs, ours = reference(image, side, THRESHOLD), detector(image, side, threshold)
        weak = reference(image, side, 0.3)
        for box, _, points in theirs:
            if box[2] < smallest:
                continue
            known += 1
            best = max(ours, key=lambda f: overlap(f[0], box), default=None)
            if best is None or overlap(best[0], box) < 0.4:
                missed += 1
            else:
                errors += list(point_errors(best[2], points))
        extra += sum(max((overlap(f[0], w[0]) for w in weak), default=0) < 0.3 for f in ours)
    median, high = np.quantile(errors, [0.5, 0.95]) if errors else (9, 9)
    return {"faces": known, "missed": missed, "beyond_yunet": int(extra), "points_median": round(float(median), 4),
            "points_95": round(float(high), 4)}


def lfw_images(every=1):
    return [cv2.imread(str(LFW_DEV / "images" / n)) for n in sorted({n for p in pairs() for n in p[2:]})[::every]]


def on_lfw(detector, reference, images, threshold=THRESHOLD):
    """Pictures in which nothing is found, and the landmarks of the central face against YuNet's."""
    missed, other, errors = 0, 0, []
    for image in images:
        ours, theirs = detector(image, 320, threshold), reference(image, 320, threshold)
        size = image.shape[1], image.shape[0]
        if not ours:
            missed += 1
        elif theirs:
            a, b = central(ours, *size), central(theirs, *size)
            if overlap(a[0], b[0]) < 0.4:
                other += 1
            else:
                errors += list(point_errors(a[2], b[2]))
    median, high = np.quantile(errors, [0.5, 0.95]) if errors else (9, 9)
    return {"images": len(images), "not_detected": missed, "another_place": other, "points_median": round(float(median), 4),
            "points_95": round(float(high), 4)}


def face_free():
    """The pictures of the background packages (training cut its scenes out of them), counted beside YuNet on the same."""
    cache = WORK / "backgrounds.npz"
    return [v for v in np.load(cache).values()] if cache.exists() else []


def milliseconds(path, width, height, count=15):
    detector, times = YuNet(path), []
    canvas = np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)
    for _ in range(count):
        start = time.process_time()
        detector.maps(canvas)
        times.append(time.process_time() - start)
    return round(float(np.median(times)) * 1e3, 2)


def measure(path, quick=False):
    cv2.setNumThreads(1)
    detector, reference = YuNet(path), YuNet(YUNET)
    photographs = [cv2.imread(str(p)) for p in sorted(PHOTOGRAPHS.glob("*.jpg"))[::3 if quick else 1]]
    figures = {"lfw": on_lfw(detector, reference, lfw_images(36 if quick else 1)),
               "photographs": compare(detector, reference, photographs, 640)}
    if not quick:
        people = [cv2.imread(str(p)) for p in sorted(SAMPLE_PEOPLE.glob("*.jpg"))]
        figures["sample_people"] = compare(detector, reference, people, 320)
        free = face_free()
        figures["face_free"] = {"pictures": len(free), "detector": sum(len(detector(i, 640, THRESHOLD)) for i in free),
                                "yunet": sum(len(reference(i, 640, THRESHOLD)) for i in free)}
        figures["ms_320x320"] = {"detector": milliseconds(path, 320, 320), "yunet": milliseconds(YUNET, 320, 320)}
        figures["ms_640x480"] = {"detector": milliseconds(path, 640, 480), "yunet": milliseconds(YUNET, 640, 480)}
    figures["bytes"] = Path(path).stat().st_size
    return figures


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--out", type=Path, help="also write the figures here")
    a = p.parse_args()
    text = json.dumps(measure(a.model, a.quick), indent=1)
    print(text)
    if a.out:
        a.out.write_text(text + "\n")
