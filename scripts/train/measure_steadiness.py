#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How far a detector's landmarks move, in shares of the eyes' distance, when the picture is shifted or mirrored and the face stays the same.
Prints median and 95th percentile, for YuNet unless another detector is named."""
import argparse
import itertools
import json
from pathlib import Path

import cv2
import numpy as np

from alignment import YuNet
from lfw import central
from measure_detector import lfw_images, overlap, point_errors
from places import PHOTOGRAPHS, YUNET

MIRRORED = [1, 0, 2, 4, 3]


def shifted(image, dx, dy):
    return cv2.copyMakeBorder(image, dy, 0, dx, 0, cv2.BORDER_CONSTANT)


def face_at(faces, box, dx, dy):
    """The face that lies where `box` lies after the shift, moved back."""
    best = max(faces, key=lambda f: overlap((f[0][0] - dx, f[0][1] - dy, f[0][2], f[0][3]), box), default=None)
    if best is None or overlap((best[0][0] - dx, best[0][1] - dy, best[0][2], best[0][3]), box) < 0.4:
        return None
    return best[2] - np.array([dx, dy])


def spread(errors):
    return [round(float(v), 4) for v in np.quantile(errors, [0.5, 0.95])]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path, nargs="?", default=YUNET)
    a = p.parse_args()
    cv2.setNumThreads(1)
    detector, moved, mirrored, mean = YuNet(a.model), [], [], []
    for image in lfw_images(30):
        faces = detector(image, 320)
        if not faces:
            continue
        box, _, points = central(faces, image.shape[1], image.shape[0])
        answers = [face_at(detector(shifted(image, *d), 320), box, *d) for d in itertools.product((4, 12, 20, 28), repeat=2)]
        answers = [v for v in answers if v is not None]
        if answers:
            mean += list(point_errors(points, np.mean(answers, 0)))
        other = face_at(detector(shifted(image, 16, 16), 320), box, 16, 16)
        if other is not None:
            moved += list(point_errors(other, points))
        for face in detector(np.ascontiguousarray(image[:, ::-1]), 320)[:1]:
            back = face[2].copy()
            back[:, 0] = image.shape[1] - 1 - back[:, 0]
            mirrored += list(point_errors(back[MIRRORED], points))
    photographs = []
    for path in sorted(PHOTOGRAPHS.glob("*.jpg"))[::2]:
        image = cv2.imread(str(path))
        side = max(image.shape[:2])
        d = round(side / 100)
        there = detector(shifted(image, d, d), round((side + d) * min(1, 640 / side)))
        for box, _, points in detector(image, 640):
            other = face_at(there, box, d, d) if box[2] >= 40 else None
            if other is not None:
                photographs += list(point_errors(other, points))
    print(json.dumps({"lfw moved by 16 pixels": spread(moved), "lfw mirrored": spread(mirrored),
                      "lfw, one answer against the mean of 16 moved ones": spread(mean),
                      "photographs moved by a hundredth": spread(photographs)}, indent=1))


if __name__ == "__main__":
    main()
