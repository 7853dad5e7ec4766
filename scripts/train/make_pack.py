#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Copies the trained networks into models/mini, with their sizes and checksums in its manifest. A calibration belongs to what decides
a template. If that has changed, the manifest has none until `scripts/calibrate --write` has measured it."""
import argparse
import hashlib
import json
import shutil
from pathlib import Path

from alignment import TEMPLATE
from places import NETWORKS, ROOT
from train_landmarks import POINTS
from train_landmarks import SIDE as LANDMARK_SIDE

TAUGHT = "made by this project: taught by %s on faces of people who do not exist (SFHQ, David Beniaguev, MIT); see scripts/train"
# By measure_scores.py: of synthetic heads upside down one in a hundred reaches 0.89, of backgrounds 0.58.
SCORES = {"sure_score": 0.92, "turned_score": 0.8}
DECIDES = ("detector", "landmarks", "alignment", "embedder")


def network(folder, path, teacher):
    """Copies a network into the pack; what the manifest says about it."""
    data = path.read_bytes()
    shutil.copyfile(path, folder / path.name)
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "licence": "MIT",
            "source": TAUGHT % teacher}


def pixels(side, channels):
    return {"width": side, "height": side, "channels": channels, "mean": [0, 0, 0], "scale": 1}


def manifest(folder, networks):
    file = lambda name, teacher: network(folder, networks / f"{name}.onnx", teacher)
    return {"format": 1, "name": "mini", "title": "Small networks trained by this project",
            "detector": {"runtime": "opencv-yunet", "network": file("detector", "YuNet"), "input": pixels(0, "bgr"),
                         "min_score": 0.7, "nms": 0.3, **SCORES},
            "landmarks": {"runtime": "opencv-landmarks", "network": file("landmarks", "YuNet"),
                          "input": pixels(LANDMARK_SIDE, "rgb"), "points": POINTS.round(4).tolist(), "mirror": True},
            "alignment": {"width": 112, "height": 112, "landmarks": TEMPLATE.tolist()},
            "embedder": {"runtime": "opencv-onnx", "network": file("embedder", "MobileFaceNet"), "input": pixels(112, "rgb"),
                         "output": "", "dimension": 128, "mirror": False},
            "liveness": {"runtime": "opencv-minifasnet",
                         "networks": [{"crop_scale": s, "network": file(f"liveness-{s}", "MiniFASNet and simulated attacks")}
                                      for s in (2.7, 4.0)],
                         "input": pixels(80, "bgr"), "live_index": 1}}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--networks", type=Path, default=NETWORKS)
    p.add_argument("--out", type=Path, default=ROOT / "models" / "mini")
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    path = a.out / "manifest.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    made = manifest(a.out, a.networks)
    if "calibration" in before and all(before.get(k) == made[k] for k in DECIDES):
        made["calibration"] = before["calibration"]
    path.write_text(json.dumps(made, indent=2) + "\n")


if __name__ == "__main__":
    main()
