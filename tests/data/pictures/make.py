#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the pictures of this folder from the sample people: several faces, none, a blurred one, a face with surroundings, the same on a screen, and one of 54
megapixels.

Needs the packages of `scripts/install-deps train`. The pictures are committed, so that tests depend on no drawing library."""
import gzip
import sys
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "scripts" / "train"))

import attacks  # noqa: E402
from people import smooth  # noqa: E402


def person(number, photograph=1):
    return cv2.imread(str(HERE.parent / "people" / f"person{number:02}-{photograph}.jpg"))


def four_people():
    small = [cv2.resize(person(n), (260, 260), interpolation=cv2.INTER_AREA) for n in (1, 2, 3, 4)]
    small[0] = cv2.resize(person(1), (300, 300), interpolation=cv2.INTER_AREA)
    scene = np.full((640, 640, 3), (150, 160, 140), np.uint8)
    for picture, (x, y) in zip(small, ((10, 10), (360, 20), (20, 350), (350, 350))):
        scene[y:y + len(picture), x:x + len(picture)] = picture
    return scene


def leaves(rng, width, height):
    """Something green and out of focus."""
    side = max(width, height)
    a = np.full((side, side, 3), (70, 110, 80), np.float32)
    for n, strength in ((4, 30), (12, 25), (40, 14)):
        a += smooth(rng, n, side, 3) * np.array([0.6, 1.0, 0.5], np.float32) * strength
    return cv2.GaussianBlur(np.clip(a, 0, 255), (0, 0), 3)[:height, :width]


def garden(rng, number=15, size=230):
    """A person before leaves; the head's edge is soft, the light is the same."""
    scene = leaves(rng, 640, 480)
    head = cv2.resize(person(number), (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = np.zeros((size, size), np.float32)
    cv2.ellipse(mask, (size // 2, int(size * 0.5)), (int(size * 0.4), int(size * 0.47)), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 3)[..., None]
    x, y = 205, 90
    # A body below, as coarse as a jumper.
    body = np.zeros(scene.shape[:2], np.float32)
    cv2.ellipse(body, (x + size // 2, y + int(size * 1.55)), (int(size * 0.85), int(size * 0.75)), 0, 0, 360, 1.0, -1)
    body = cv2.GaussianBlur(body, (0, 0), 2)[..., None]
    wool = np.array([95, 70, 60], np.float32) + smooth(rng, 120, 640)[:480, :, None] * 6
    scene = scene * (1 - body) + wool * body
    here = scene[y:y + size, x:x + size]
    scene[y:y + size, x:x + size] = here * (1 - mask) + head * mask
    return np.clip(scene + rng.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)


def screen(rng, scene):
    """The middle of a scene on a display, photographed."""
    square = cv2.resize(scene[:, 80:560], (attacks.LARGE, attacks.LARGE), interpolation=cv2.INTER_AREA)
    shown, _ = attacks.screen(rng, square.astype(np.float32))
    shown = cv2.resize(np.clip(shown, 0, 255).astype(np.uint8), (420, 420), interpolation=cv2.INTER_LINEAR)
    out = np.full((480, 640, 3), (60, 66, 72), np.uint8)
    out[10:470, 90:550] = 14
    out[30:450, 110:530] = shown
    return np.clip(cv2.GaussianBlur(out, (0, 0), 0.7).astype(np.float32) + rng.normal(0, 3, out.shape), 0, 255).astype(np.uint8)


def large(number=1):
    """A face on a grey ground of 54 megapixels. What is flat leaves nothing once the file is packed by gzip."""
    scene = np.full((6000, 9000), 150, np.uint8)
    face = cv2.cvtColor(person(number), cv2.COLOR_BGR2GRAY)
    scene[2000:3600, 3000:4600] = cv2.resize(face, (1600, 1600), interpolation=cv2.INTER_CUBIC)
    done, jpeg = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, 10])
    assert done
    return gzip.compress(jpeg.tobytes(), 9, mtime=0)


def main():
    rng = np.random.default_rng(2)
    write = lambda name, picture: cv2.imwrite(str(HERE / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    write("four-people", four_people())
    scene = garden(rng)
    write("garden", scene)
    write("screen", screen(rng, scene))
    write("blurred", cv2.GaussianBlur(person(1), (0, 0), 3.5))
    write("nobody", leaves(rng, 320, 240).astype(np.uint8))
    (HERE / "large.jpg.gz").write_bytes(large())


if __name__ == "__main__":
    main()
