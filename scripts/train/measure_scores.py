#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the scores for the detector's manifest, on scenes of one synthetic face each: upright, on its side and upside down.

`sure_score`: an upright face reaches it nearly always, one upside down nearly never. `turned_score`: above what backgrounds reach."""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from alignment import YuNet
from places import NETWORKS
from scenes import SIDE, Scenes, worsen
from synthetic_faces import load

SEED = 9


def best(detector, scene):
    return max((f[1] for f in detector(scene, SIDE, 0.3)), default=0.0)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path, nargs="?", default=NETWORKS / "detector.onnx")
    p.add_argument("--count", type=int, default=600)
    a = p.parse_args()
    cv2.setNumThreads(1)
    rng, detector, scenes = np.random.default_rng(SEED), YuNet(a.model), Scenes(*load())
    scores = {"upright": [], "on its side": [], "on its head": [], "nobody": []}
    for _ in range(a.count):
        width, place = rng.uniform(60, 180), rng.normal(160, 15, 2)
        for name, angle in (("upright", rng.normal(0, 6)), ("on its side", 90), ("on its head", 180)):
            scene = scenes.ground(rng).copy()
            scenes.paste(rng, scene, width, place, angle)
            scores[name].append(best(detector, worsen(rng, scene)))
        scores["nobody"].append(best(detector, worsen(rng, scenes.ground(rng).copy())))
    shares = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
    print(json.dumps({k: {str(q): round(float(np.quantile(v, q)), 3) for q in shares} for k, v in scores.items()}, indent=1))


if __name__ == "__main__":
    main()
