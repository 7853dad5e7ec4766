# SPDX-License-Identifier: MIT
"""Scenes for the detector, composed from the synthetic faces: sizes of 10–300 px, crowds, rotations, crops, occlusion, grey,
tight crops as LFW's, and pictures without a face (photographs and drawings of Debian's background packages, text, textures)."""
import cv2
import numpy as np

from people import smooth, with_forehead
from places import WORK

SIDE = 320
FACE_WIDTH = 98.0  # of what YuNet calls the face, in a 256×256 synthetic face


def backgrounds():
    """Pictures under WORK/backgrounds (see README.md for how they get there), shrunk; may be empty."""
    cache = WORK / "backgrounds.npz"
    if not cache.exists():
        found = {}
        for path in sorted((WORK / "backgrounds").rglob("*")):
            if path.suffix in (".jpg", ".png", ".webp") and path.is_file() and not path.is_symlink():
                image = cv2.imread(str(path), cv2.IMREAD_COLOR)
                if image is None or min(image.shape[:2]) < 300:
                    continue
                q = 560 / min(image.shape[:2])
                image = cv2.resize(image, None, fx=q, fy=q, interpolation=cv2.INTER_AREA)[:560, :1000]
                found[cv2.resize(image, (8, 8), interpolation=cv2.INTER_AREA).tobytes()] = image
        np.savez(cache.with_suffix(".part.npz"), **{f"{k:04d}": v for k, v in enumerate(found.values())})
        cache.with_suffix(".part.npz").rename(cache)
    data = np.load(cache)
    return [data[k] for k in data.files]


def drawn(rng):
    """A made background: gradients, texture at a few scales, shapes, text."""
    a = np.full((SIDE, SIDE, 3), rng.uniform(0, 255, 3), np.float32)
    for n in (int(rng.integers(2, 6)), int(rng.integers(8, 40)), int(rng.integers(60, 200))):
        if rng.random() < 0.6:
            f = smooth(rng, n, SIDE, 3) if rng.random() < 0.4 else smooth(rng, n, SIDE)[..., None]
            a = a + f * rng.uniform(3, 60)
    a = np.clip(a, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 25))):
        colour = [float(v) for v in rng.uniform(0, 255, 3)]
        p, q = (tuple(int(v) for v in rng.integers(-20, SIDE + 20, 2)) for _ in range(2))
        u, thick = rng.random(), int(rng.choice([-1, 1, 2, 4]))
        if u < 0.3:
            cv2.rectangle(a, p, q, colour, thick)
        elif u < 0.65:
            cv2.ellipse(a, p, (int(rng.integers(2, 90)), int(rng.integers(2, 90))), rng.uniform(0, 180), 0, 360, colour, thick)
        elif u < 0.8:
            cv2.line(a, p, q, colour, abs(thick))
        else:
            text = "".join(chr(int(c)) for c in rng.integers(33, 122, int(rng.integers(2, 14))))
            cv2.putText(a, text, p, int(rng.integers(0, 8)), rng.uniform(0.4, 3), colour, max(1, thick))
    return a


class Scenes:
    def __init__(self, faces, landmarks):
        self.faces, self.landmarks, self.backgrounds = faces, [with_forehead(l) for l in landmarks], backgrounds()

    def ground(self, rng):
        if not self.backgrounds or rng.random() < 0.35:
            return drawn(rng)
        b = self.backgrounds[int(rng.integers(len(self.backgrounds)))]
        side = int(rng.integers(120, min(b.shape[:2])))
        y, x = int(rng.integers(0, b.shape[0] - side + 1)), int(rng.integers(0, b.shape[1] - side + 1))
        b = cv2.resize(b[y:y + side, x:x + side], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(b[:, ::-1] if rng.random() < 0.5 else b)

    def mask(self, rng, i):
        """Which part of a face's picture goes into the scene: all, a rectangle, or the head with soft edges."""
        m, u = np.zeros((256, 256), np.uint8), rng.random()
        if u < 0.3:
            m[int(rng.integers(1, 45)):256 - int(rng.integers(1, 30)), int(rng.integers(1, 55)):256 - int(rng.integers(1, 55))] = 255
            return m
        hull = cv2.convexHull(np.vstack([self.landmarks[i][:27], self.landmarks[i][68:]]))
        centre = hull.mean(0, keepdims=True)
        grown = centre + (hull - centre) * rng.uniform(1.0, 1.5) * np.array([1, 1.12])
        cv2.fillConvexPoly(m, np.round(grown).astype(np.int32), 255)
        if u < 0.55:
            m[180:, 40:216] = 255
        return cv2.GaussianBlur(m, (0, 0), rng.uniform(1, 6))

    def paste(self, rng, scene, width, centre, angle):
        i = int(rng.integers(len(self.faces)))
        face, mask, scale = self.faces[i], self.mask(rng, i), width / FACE_WIDTH
        if scale < 0.6:
            face = cv2.GaussianBlur(face, (0, 0), 0.35 / scale)
        m = cv2.getRotationMatrix2D((128, 138), angle, scale)
        m[:, 2] += np.array(centre) - (128, 138)
        if rng.random() < 0.5:
            m = m @ np.array([[-1, 0, 255], [0, 1, 0], [0, 0, 1]])
        if rng.random() < 0.3:  # A little narrower or wider, and sheared.
            m[:, :2] = m[:, :2] @ np.array([[rng.uniform(0.85, 1.12), rng.normal(0, 0.06)], [0, 1]])
            m[:, 2] = np.array(centre) - m[:, :2] @ (128, 138)
        corners = np.array([(0, 0), (255, 0), (0, 255), (255, 255)]) @ m[:, :2].T + m[:, 2]
        lo = np.clip(np.floor(corners.min(0)), 0, SIDE).astype(int)
        hi = np.clip(np.ceil(corners.max(0)) + 1, 0, SIDE).astype(int)
        if (hi - lo).min() < 2:
            return
        m[:, 2] -= lo
        size = tuple(int(v) for v in hi - lo)
        f = cv2.warpAffine(face, m, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        a = cv2.warpAffine(mask, m, size, flags=cv2.INTER_LINEAR)[..., None].astype(np.float32) / 255
        f = f.astype(np.float32) * rng.uniform(0.7, 1.15) if rng.random() < 0.4 else f
        here = scene[lo[1]:hi[1], lo[0]:hi[0]]
        here[...] = np.clip(here * (1 - a) + f * a, 0, 255).astype(np.uint8)

    @staticmethod
    def turn(rng):
        u = rng.random()
        return rng.normal(0, 8) if u < 0.7 else rng.normal(0, 30) if u < 0.92 else rng.uniform(0, 360)

    def compose(self, rng):
        u, scene = rng.random(), self.ground(rng)
        if u < 0.15:
            return scene
        if u < 0.40:  # One face that fills the picture, often cut by its border.
            width = rng.uniform(110, 300)
            self.paste(rng, scene, width, rng.normal(160, 18, 2) + (0, width * 0.02), self.turn(rng) * 0.7)
        elif u < 0.72:
            for _ in range(int(rng.integers(1, 5))):
                self.paste(rng, scene, np.exp(rng.uniform(np.log(18), np.log(150))), rng.uniform(10, SIDE - 10, 2), self.turn(rng))
        else:  # A crowd of about one size.
            width = np.exp(rng.uniform(np.log(10), np.log(50)))
            for _ in range(int(rng.integers(5, 28))):
                self.paste(rng, scene, max(9, width * rng.normal(1, 0.15)), rng.uniform(0, SIDE, 2), self.turn(rng))
        return scene

    def make(self, rng):
        scene = self.compose(rng)
        if rng.random() < 0.25:
            for _ in range(int(rng.integers(1, 4))):
                x, y, w, h = (int(v) for v in rng.integers(0, SIDE, 4) * (1, 1, 0.3, 0.3))
                scene[y:y + h, x:x + w] = rng.integers(0, 256, 3)
        if rng.random() < 0.08:  # Letter box or a frame of nothing.
            edge = int(rng.integers(10, 90))
            scene[SIDE - edge:] = 0
        return worsen(rng, scene)


def worsen(rng, a):
    """Grey, colour cast, gamma, contrast, blur, low resolution, noise, compression."""
    if rng.random() < 0.3:
        a = cv2.cvtColor(cv2.cvtColor(a, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.6:
        gain = rng.uniform(0.6, 1.4) * (rng.uniform(0.85, 1.15, 3) if rng.random() < 0.5 else np.ones(3))
        table = 255 * (np.arange(256) / 255) ** rng.uniform(0.6, 1.7)
        table = np.clip((table[:, None] - 118) * gain + 118 + rng.uniform(-25, 25), 0, 255).astype(np.uint8)
        a = cv2.LUT(a, table[None])
    u = rng.random()
    if u < 0.15:
        a = cv2.GaussianBlur(a, (0, 0), rng.uniform(0.4, 1.6))
    elif u < 0.3:
        q = rng.uniform(0.35, 0.9)
        a = cv2.resize(cv2.resize(a, None, fx=q, fy=q, interpolation=cv2.INTER_AREA), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    elif u < 0.5:
        a = cv2.addWeighted(a, 1.8, cv2.GaussianBlur(a, (0, 0), 1.2), -0.8, 0)
    if rng.random() < 0.2:
        a = np.clip(a + rng.normal(0, rng.uniform(2, 12), a.shape), 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        a = cv2.imdecode(cv2.imencode(".jpg", a, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])[1], cv2.IMREAD_COLOR)
    return a
