#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The embedder on groups of faces, as far as the pictures tell: skin tone, and colour against grey.

The tone is the individual typology angle, atan((L* − 50) / b*) (Chardon 1991), of the cheeks of the aligned face, cut into
thirds. On the synthetic faces (the source of the training material): false matches between different people of one third at the
cosine that stands for 1 in 1,000 on lfw-dev, and the mean cosine to the teacher. On the photographs: the mean cosine to the teacher, in
colour and in grey. Light is not controlled, so a third is a hint and no measurement of skin."""
import argparse
import json
from pathlib import Path

import cv2
import numpy as np

import lfw
from measure_embedder import embed
from places import NETWORKS
from synthetic_faces import aligned, load, teach

CHEEKS = ((62, 80, 30, 44), (62, 80, 68, 82))  # rows and columns in 112×112
SAME_INVENTION = 0.6  # some synthetic faces show the same invented person twice


def tone(chip):
    patches = np.concatenate([chip[a:b, c:d].reshape(-1, 3) for a, b, c, d in CHEEKS])
    lab = cv2.cvtColor(np.float32(patches[None] / 255), cv2.COLOR_BGR2LAB)[0]
    light, _, yellow = np.median(lab, 0)
    return float(np.degrees(np.arctan2(light - 50, max(yellow, 1e-3))))


def thirds(values):
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return {"dark": values <= low, "middle": (values > low) & (values <= high), "light": values > high}


def false_matches(vectors, strangers, threshold):
    upper = np.triu(strangers, 1)
    return float(((vectors @ vectors.T) > threshold)[upper].mean()), int(upper.sum())


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model", type=Path, nargs="?", default=NETWORKS / "embedder.onnx")
    a = p.parse_args()
    cv2.setNumThreads(1)
    net, data = cv2.dnn.readNetFromONNX(str(a.model)), lfw.measuring_set()
    ours = lfw.cross_pairs(embed(net, data["chips"]), data["names"], data["teacher"])["cosine"][2]
    theirs = lfw.cross_pairs(data["teacher"], data["names"], data["teacher"])["cosine"][2]
    chips = aligned(load()[0])
    coloured = np.array([np.abs(c.astype(int) - c.mean(2, keepdims=True)).mean() > 4 for c in chips])
    chips = chips[coloured]
    mine, teacher = embed(net, chips), teach(chips)
    figures = {"synthetic": {}, "photographs": {}}
    for name, group in thirds(np.array([tone(c) for c in chips])).items():
        strangers = teacher[group] @ teacher[group].T < SAME_INVENTION
        rate, pairs = false_matches(mine[group], strangers, ours)
        figures["synthetic"][name] = {
            "faces": int(group.sum()), "pairs": pairs, "false_matches": round(rate, 5),
            "teachers_false_matches": round(false_matches(teacher[group], strangers, theirs)[0], 5),
            "cosine_to_teacher": round(float((mine[group] * teacher[group]).sum(1).mean()), 3)}
    photos = data["photos"]
    grey = np.stack([cv2.cvtColor(cv2.cvtColor(c, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) for c in photos])
    cosines = (embed(net, photos) * data["photos_teacher"]).sum(1)
    figures["photographs"]["colour"] = round(float(cosines.mean()), 3)
    figures["photographs"]["grey"] = round(float((embed(net, grey) * teach(grey)).sum(1).mean()), 3)
    for name, group in thirds(np.array([tone(c) for c in photos])).items():
        figures["photographs"][name] = {"faces": int(group.sum()), "cosine_to_teacher": round(float(cosines[group].mean()), 3)}
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
