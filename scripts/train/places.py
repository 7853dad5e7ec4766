# SPDX-License-Identifier: MIT
"""The folders: the read-only material beside the project and the git-ignored work folder."""
import argparse
import hashlib
import os
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("FACESEARCH_SHARED", ROOT.parent / "shared"))
WORK = Path(os.environ.get("FACESEARCH_TRAIN_WORK", ROOT / "build" / "train"))

SYNTHETIC_FACES = [SHARED / "data" / "synthetic-faces", SHARED / "data" / "synthetic-faces-more"]
SAMPLE_PEOPLE = SHARED / "data" / "sample-people"
LFW_DEV = SHARED / "data" / "lfw-dev"
PHOTOGRAPHS = SHARED / "data" / "photographs"
MOBILEFACENET = SHARED / "models" / "mobilefacenet" / "mobilefacenet_arcface_112.onnx"
YUNET = SHARED / "models" / "yunet" / "face_detection_yunet_2023mar.onnx"
NETWORKS = WORK / "networks"


def shards(folder):
    """The finished shards of a folder of material, by number."""
    return sorted(p for p in folder.glob("[0-9]*") if not p.suffix)


def make_missing(folder, first, count, make, deadline=None):
    """Calls make(index) for each shard that is not there; none is begun after the deadline."""
    start = time.time()
    for index in range(first, first + count):
        if (folder / f"{index:05d}").exists():
            continue
        if deadline and time.time() > deadline:
            break
        make(index)
        print(f"shard {index} after {time.time() - start:.0f} s", flush=True)


def shard_options(about, folder, count):
    """What a script that makes shards is called with: folder, first, count, and the deadline."""
    p = argparse.ArgumentParser(description=about)
    p.add_argument("--folder", type=Path, default=WORK / folder)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--count", type=int, default=count)
    p.add_argument("--minutes", type=float, help="start no new shard after this long")
    a = p.parse_args()
    a.deadline = time.time() + a.minutes * 60 if a.minutes else None
    return a


def cut_by(detector, name):
    """The folder of material that holds this detector's boxes and errors: it belongs to no other."""
    return WORK / f"{name}-{hashlib.sha256(detector.read_bytes()).hexdigest()[:8]}"
