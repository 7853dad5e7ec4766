#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains two small networks, one for each crop, to score a face and its surroundings as the MiniFASNet pair does, and to score simulated attacks
as attacks; exports them as ONNX. Figures: area under the curve against the teachers' verdict on the photographs, and on kinds of attack that were
left out of training.

Run again with the same --name, it continues from its checkpoint; measurements choose nothing."""
import argparse
import copy
import json
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import attacks
from alignment import YuNet
from embedder_net import Residual, conv_bn_relu
from export_onnx import export
from measure_detector import overlap
from onnx_graph import image_batch
from places import NETWORKS, PHOTOGRAPHS, SHARED, WORK, YUNET, cut_by, shards
from scenes import SIDE as SCENE
from scenes import Scenes
from synthetic_faces import load
from train_landmarks import known_faces
from training import Training, finished

SEED = 8
SIDE = 80
TEACHERS = {2.7: SHARED / "models/minifasnet/minifasnet_v2_2.7_80x80.onnx",
            4.0: SHARED / "models/minifasnet/minifasnet_v1se_4.0_80x80.onnx"}
LIVE = 1  # of the teachers' three classes and of our two
KNOWN_LIVE = 0.2  # the least that a face that is no attack is taught as
SMALLEST = 28  # pixels of a face's width


class Liveness(nn.Module):
    """forward(BGR 0–255, N×3×80×80) → N×2 logits: attack, live."""

    def __init__(self, c=(16, 24, 40, 56)):
        super().__init__()
        self.body = nn.Sequential(conv_bn_relu(3, c[0], 2), Residual(c[0], c[1], 2), Residual(c[1], c[2], 2),
                                  Residual(c[2], c[2], 1), Residual(c[2], c[3], 2))
        self.g = nn.Conv2d(c[3], c[3], 5, groups=c[3], bias=False)
        self.bn = nn.BatchNorm2d(c[3])
        self.out = nn.Linear(c[3], 2)

    def forward(self, x):
        return self.out(F.relu(self.bn(self.g(self.body((x - 127.5) / 128)).float())).flatten(1))


class Probabilities(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return torch.softmax(self.network(x), 1)


def crop(image, box, scale):
    """80×80 around the box, as lib/facesearch cuts it."""
    height, width = image.shape[:2]
    w, h = max(box[2], 1.0), max(box[3], 1.0)
    scale = min((width - 1) / w, (height - 1) / h, scale)

    def stretch(start, length, limit):
        size = length * scale
        first = max(0.0, min(start + length / 2 - size / 2, limit - 1 - size))
        low = int(np.clip(int(first), 0, limit - 1))
        return low, int(np.clip(int(first + size), low, limit - 1)) + 1

    (x0, x1), (y0, y1) = stretch(box[0], w, width), stretch(box[1], h, height)
    return cv2.resize(image[y0:y1, x0:x1], (SIDE, SIDE))


class Teachers:
    def __init__(self):
        self.nets = {s: cv2.dnn.readNetFromONNX(str(p)) for s, p in TEACHERS.items()}

    def __call__(self, crops):
        """What each says of its crop: the probability of live."""
        out = []
        for (scale, net), picture in zip(self.nets.items(), crops):
            net.setInput(cv2.dnn.blobFromImage(picture))
            out.append(net.forward().ravel()[LIVE])
        return out


def crops_of(scene, box):
    return np.stack([crop(scene, box, s) for s in TEACHERS])


def make_shard(source, target, composer, teachers, detector, left_out=False):
    """Faces of one shard of scenes, as they are and shown by an attack: crops N×2×80×80×3, teachers' answers N×2, kind N
    (0: no attack). The teachers see YuNet's box, the students the one our detector gives where it finds that face."""
    rng, kinds = np.random.default_rng([SEED, int(source.name)]), attacks.LEFT_OUT if left_out else attacks.TAUGHT
    pictures, answers, labels = [], [], []

    def add(scene, box, kind):
        answers.append(teachers(crops_of(scene, box)))
        ours = max(detector(np.ascontiguousarray(scene), SCENE), key=lambda f: overlap(f[0], box), default=None)
        pictures.append(crops_of(scene, box if ours is None or overlap(ours[0], box) < 0.4 else ours[0]))
        labels.append(kind)

    for x, y in zip(np.load(source / "x.npy", mmap_mode="r"), np.load(source / "y.npy", mmap_mode="r")):
        faces = [f for f in known_faces(y) if f[0][2] >= SMALLEST]
        for i in rng.permutation(len(faces))[:2]:
            if rng.random() < 0.5:  # Half of what is no attack went the attacks' way, too.
                add(*attacks.attack(rng, np.ascontiguousarray(x), faces[i][0], composer.ground(rng), attacks.untouched), 0)
            else:
                add(x, faces[i][0], 0)
        if faces:
            k = int(rng.integers(len(kinds)))
            box = max(faces, key=lambda f: f[0][2])[0]
            add(*attacks.attack(rng, np.ascontiguousarray(x), box, composer.ground(rng), kinds[k]), k + 1)
    part = target.with_suffix(".part")
    part.mkdir(parents=True, exist_ok=True)
    for name, value in (("x", np.stack(pictures)), ("t", np.array(answers, np.float32)), ("k", np.array(labels, np.int8))):
        np.save(part / f"{name}.npy", value)
    part.rename(target)


def material(folder):
    return [np.concatenate([np.load(p / f"{n}.npy") for p in shards(folder)]) for n in "xtk"]


def relight(x, rng):
    """A little light and a mirror: more would change what the teacher says."""
    table = 255 * (np.arange(256) / 255) ** rng.uniform(0.9, 1.1)
    table = np.clip((table - 118) * rng.uniform(0.92, 1.08) + 118 + rng.uniform(-8, 8), 0, 255).astype(np.uint8)
    x = cv2.LUT(x, table)
    return x[:, ::-1] if rng.random() < 0.5 else x


class Trainer:
    """One crop's network."""

    def __init__(self, a, which):
        torch.manual_seed(SEED)
        self.a, self.which, self.name = a, which, f"{a.name}-{list(TEACHERS)[which]}"
        self.network = Liveness().to(memory_format=torch.channels_last)
        self.training = Training(self.name, self.network, a.rate, 5e-4)

    def step(self, x, y):
        with torch.autocast("cpu", torch.bfloat16):
            output = self.network(image_batch(x, rgb=False))
        y = torch.from_numpy(y)
        loss = F.cross_entropy(output.float(), torch.stack([1 - y, y], 1))
        self.training.step(loss, len(x), self.training.views / self.a.views)
        return float(loss)

    def run(self, x, teacher, kind):
        # What is an attack, and what is none, is known; the teacher orders each of the two.
        says = teacher[:, self.which]
        target = np.where(kind > 0, 0.05 * says, KNOWN_LIVE + (1 - KNOWN_LIVE) * says).astype(np.float32)
        training, running, start = self.training, None, time.time()
        rng = np.random.default_rng([SEED, training.steps])
        while training.views < self.a.views:
            index = rng.integers(0, len(x), self.a.batch)
            loss = self.step(np.stack([relight(x[i, self.which], rng) for i in index]), target[index])
            running = loss if running is None else 0.99 * running + 0.01 * loss
            if training.steps % 500 == 0:
                training.save()
                print(f"{self.name} views {training.views} loss {running:.4f} after {time.time() - start:.0f} s", flush=True)
        training.save()

    def export(self):
        example = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(SEED)) * 255
        return export(Probabilities(copy.deepcopy(self.training.average)), finished(self.name, self.a.smoke), example, "image", ["share"])

    @torch.no_grad()
    def live(self, crops):
        return np.concatenate([torch.softmax(self.training.average(image_batch(c, rgb=False)), 1)[:, LIVE].numpy()
                               for c in np.array_split(crops, max(1, len(crops) // 64))])


def area(positive, negative):
    """Under the receiver operating characteristic: how often a live face scores above an attack (ties half)."""
    order = np.sort(negative)
    below, upto = np.searchsorted(order, positive, "left"), np.searchsorted(order, positive, "right")
    return float((below + upto).mean() / 2 / len(negative))


def photographs():
    """Crops of the photographs' faces (YuNet's, 40 pixels and more) and the teachers' answers."""
    detector, teachers, crops, answers = YuNet(YUNET), Teachers(), [], []
    for path in sorted(PHOTOGRAPHS.glob("*.jpg")):
        image = cv2.imread(str(path))
        for box, _, _ in detector(image, 640):
            if box[2] >= 40:
                crops.append(crops_of(image, box))
                answers.append(teachers(crops[-1]))
    return np.stack(crops), np.array(answers)


def measure(trainers, held):
    """Over the mean of both, ours and theirs."""
    score = lambda crops: np.mean([t.live(crops[:, t.which]) for t in trainers], 0)
    crops, answers = photographs()
    verdict, ours = answers.mean(1) >= 0.5, score(crops)
    x, teacher, kind = held
    mine, theirs = score(x), teacher.mean(1)
    figures = {"photographs": {"faces": len(crops), "teacher_live": int(verdict.sum()),
                               "area": round(area(ours[verdict], ours[~verdict]), 4),
                               "correlation": round(float(np.corrcoef(ours, answers.mean(1))[0, 1]), 4),
                               "same_verdict": round(float(((ours >= 0.5) == verdict).mean()), 4)},
               "left_out_kinds": {}, "held_out_scenes_against_teacher":
                   round(area(mine[(kind == 0) & (theirs >= 0.5)], mine[(kind == 0) & (theirs < 0.5)]), 4)}
    live = kind == 0
    for k, f in enumerate(attacks.LEFT_OUT, 1):
        figures["left_out_kinds"][f.__name__] = {"area": round(area(mine[live], mine[kind == k]), 4),
                                                 "teacher": round(area(theirs[live], theirs[kind == k]), 4)}
    figures["left_out_kinds"]["all"] = {"area": round(area(mine[live], mine[kind > 0]), 4),
                                        "teacher": round(area(theirs[live], theirs[kind > 0]), 4)}
    return figures


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--name", default="liveness")
    p.add_argument("--scenes", type=Path, default=WORK / "scenes")
    p.add_argument("--detector", type=Path, default=NETWORKS / "detector.onnx", help="ours, whose boxes the program will cut by")
    p.add_argument("--held", type=int, default=6, help="so many of the first shards of scenes are kept to measure on")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--views", type=int, default=1_000_000, help="of each network")
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--smoke", action="store_true", help="the whole path in a minute, on scenes of its own")
    a = p.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if a.smoke:
        import make_scenes
        a.detector = YUNET
        a.name, a.scenes, a.views, a.held = "smoke-liveness", WORK / "smoke-scenes", 640, 1
        for which in TEACHERS:
            (WORK / f"{a.name}-{which}.pt").unlink(missing_ok=True)
        make_scenes.make(a.scenes, 0, 2, size=32)
    sources = shards(a.scenes)
    a.folder = cut_by(a.detector, a.name)
    composer, teachers, detector = Scenes(*load()), Teachers(), YuNet(a.detector)
    for k, source in enumerate(sources):
        held = k < a.held
        target = a.folder / ("held" if held else "taught") / source.name
        if not target.exists():
            make_shard(source, target, composer, teachers, detector, held)
    trainers = [Trainer(a, which) for which in range(len(TEACHERS))]
    taught = material(a.folder / "taught")
    for trainer in trainers:
        trainer.run(*taught)
        print(trainer.name, "exported, cv::dnn differs by", trainer.export(), flush=True)
    if PHOTOGRAPHS.exists():
        figures = measure(trainers, material(a.folder / "held"))
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
