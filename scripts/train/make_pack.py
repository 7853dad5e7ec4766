#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes a pack folder: the trained networks beside a manifest with their sizes, checksums and calibration.

Without a detector of ours the manifest names YuNet, and the pack needs that file from elsewhere."""
import argparse
import hashlib
import json
import shutil
from pathlib import Path

from alignment import TEMPLATE
from places import SHARED, WORK, YUNET

TAUGHT = "made by this project: taught by %s on faces of people who do not exist (SFHQ, David Beniaguev, MIT); see scripts/train"


def network(path, name, licence, source):
    data = path.read_bytes()
    return {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "licence": licence, "source": source}


def detector_of(path):
    ours = path is not None
    file = network(path, path.name, "MIT", TAUGHT % "YuNet") if ours else \
        network(YUNET, str(YUNET.relative_to(SHARED / "models")), "MIT", "OpenCV Zoo, face_detection_yunet (Shiqi Yu)")
    return {"runtime": "opencv-yunet", "network": file,
            "input": {"width": 0, "height": 0, "channels": "bgr", "mean": [0, 0, 0], "scale": 1},
            "min_score": 0.7, "nms": 0.3, "sure_score": 0.92, "turned_score": 0.8}


def manifest(embedder, detector, figures):
    cross = figures["cross_pairs"]
    return {"format": 1, "name": "mini", "title": "Networks trained by this project", "detector": detector_of(detector),
            "alignment": {"width": 112, "height": 112, "landmarks": TEMPLATE.round(4).tolist()},
            "embedder": {"runtime": "opencv-onnx", "network": network(embedder, embedder.name, "MIT", TAUGHT % "MobileFaceNet"),
                         "input": {"width": 112, "height": 112, "channels": "rgb", "mean": [0, 0, 0], "scale": 1},
                         "output": "", "dimension": 128},
            "calibration": {"cosine_at_fmr": cross["cosine"], "measured_to": 1e-6,
                            "source": f"LFW folds 0-4 (tight grey crops), {cross['non_mates']} pairs of different people"}}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("out", type=Path)
    p.add_argument("--embedder", type=Path, default=WORK / "best" / "embedder.onnx")
    p.add_argument("--figures", type=Path, default=WORK / "best" / "embedder.figures.json",
                   help="measure_embedder.py's, with the pack's detector")
    p.add_argument("--detector", type=Path)
    a = p.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    for path in filter(None, (a.embedder, a.detector)):
        shutil.copyfile(path, a.out / path.name)
    text = json.dumps(manifest(a.embedder, a.detector, json.loads(a.figures.read_text())), indent=2)
    (a.out / "manifest.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
