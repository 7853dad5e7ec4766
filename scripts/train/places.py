# SPDX-License-Identifier: MIT
"""Where things lie: the read-only material beside the project and the git-ignored work folder."""
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("FACESEARCH_SHARED", ROOT.parent / "shared"))
WORK = Path(os.environ.get("FACESEARCH_TRAIN_WORK", ROOT / "build" / "train"))

SYNTHETIC_FACES = SHARED / "data" / "synthetic-faces"
SAMPLE_PEOPLE = SHARED / "data" / "sample-people"
LFW_DEV = SHARED / "data" / "lfw-dev"
PHOTOGRAPHS = SHARED / "data" / "photographs"
MOBILEFACENET = SHARED / "models" / "mobilefacenet" / "mobilefacenet_arcface_112.onnx"
YUNET = SHARED / "models" / "yunet" / "face_detection_yunet_2023mar.onnx"
TRIAL = SHARED / "models" / "mini-trial"
NETWORKS = WORK / "networks"
