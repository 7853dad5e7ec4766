# SPDX-License-Identifier: MIT
"""New people from the synthetic faces: parts and frequency bands of several faces, exaggerated and random shapes, strong
local warps. Nothing is averaged, so nothing is blurred. The result is aligned as the program aligns, 128×128 around the
112×112 crop."""
import cv2
import numpy as np

from alignment import TEMPLATE, similarity
from synthetic_faces import POINTS_256, five_points

SIDE = 128
# Centre and half axes of eyes, nose, mouth, brows, jaw, the whole middle of the face, in a 256×256 face.
PARTS = [((88, 105), (26, 16)), ((168, 105), (26, 16)), ((128, 105), (72, 20)), ((128, 140), (22, 30)), ((128, 178), (34, 18)),
         ((128, 80), (60, 16)), ((128, 215), (60, 30)), ((128, 128), (70, 90))]
BORDER = np.array([(x, y) for x in (-60, 60, 128, 196, 316) for y in (-60, 60, 128, 196, 316) if x in (-60, 316) or y in (-60, 316)],
                  np.float32)


def smooth(rng, n, side, channels=1):
    """A random smooth field of about unit variance."""
    f = rng.standard_normal((n, n, channels)).astype(np.float32)
    return cv2.resize(f, (side, side), interpolation=cv2.INTER_CUBIC)


def with_forehead(landmarks):
    up = landmarks[19:25] - np.array([0, 0.55], np.float32) * np.linalg.norm(landmarks[27] - landmarks[8])
    return np.vstack([landmarks, up]).astype(np.float32)


class People:
    def __init__(self, faces, landmarks):
        self.faces = faces
        self.shapes = np.stack([with_forehead(l) for l in landmarks])
        self.mean = self.shapes.mean(0)
        self.regular = np.linalg.norm(self.shapes - self.mean, axis=2).mean(1) < 14
        centred = (self.shapes - self.mean)[self.regular].reshape(self.regular.sum(), -1)
        _, s, v = np.linalg.svd(centred, full_matrices=False)
        self.modes = (v[:30] * (s[:30, None] / np.sqrt(len(centred)))).reshape(30, -1, 2).astype(np.float32)
        self.triangles = self.triangulate(np.vstack([self.mean, BORDER]))
        self.grid = np.stack(np.meshgrid(np.arange(256), np.arange(256)), -1).astype(np.float32)

    @staticmethod
    def triangulate(points):
        sub = cv2.Subdiv2D((-80, -80, 480, 480))
        for p in points:
            sub.insert((float(p[0]), float(p[1])))
        corners = sub.getTriangleList().reshape(-1, 3, 2)
        index = np.abs(corners[:, :, None] - points[None, None]).sum(-1)
        good = (index.min(-1) < 1).all(1)
        return index.argmin(-1)[good]

    def field(self, source, target, side, to_output=None):
        """Where each pixel of a side×side output (through the 2×3 `to_output`) comes from, as two float maps: piecewise affine."""
        m = np.hstack([np.eye(2), np.zeros((2, 1))]) if to_output is None else to_output
        t = np.vstack([target, BORDER]) @ m[:, :2].T + m[:, 2]
        s = np.vstack([source, BORDER])
        labels = np.zeros((side, side), np.int16)
        corners = np.round(t[self.triangles] * 8).astype(np.int32)
        for i, triangle in enumerate(corners):
            cv2.fillConvexPoly(labels, triangle, i, shift=3)
        d = np.concatenate([t[self.triangles], np.ones((len(self.triangles), 3, 1))], 2) + np.eye(3) * 1e-3
        a = np.linalg.solve(d, s[self.triangles]).transpose(0, 2, 1).astype(np.float32)[labels]
        g = self.grid[:side, :side]
        return a[..., 0] * g[..., :1] + a[..., 1] * g[..., 1:] + a[..., 2]

    def pick(self, rng, regular=False):
        i = int(rng.integers(len(self.faces)))
        while regular and not self.regular[i]:
            i = int(rng.integers(len(self.faces)))
        return i

    def parts(self, rng, a):
        """Parts of other faces under feathered ellipses, their colours matched."""
        a = a.astype(np.float32)
        for (cx, cy), axes in PARTS:
            if rng.random() < 0.55:
                continue
            k, feather = rng.uniform(0.8, 1.25), rng.uniform(2.5, 8)
            cx, cy = int(cx + rng.normal(0, 3)), int(cy + rng.normal(0, 3))
            rx, ry = int(axes[0] * k), int(axes[1] * k)
            x0, x1 = max(0, cx - rx - 16), min(256, cx + rx + 16)
            y0, y1 = max(0, cy - ry - 16), min(256, cy + ry + 16)
            mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
            cv2.ellipse(mask, (cx - x0, cy - y0), (rx, ry), 0, 0, 360, 255, -1)
            b = self.faces[self.pick(rng)]
            b = (b[:, ::-1] if rng.random() < 0.5 else b)[y0:y1, x0:x1].astype(np.float32)
            here, inside = a[y0:y1, x0:x1], mask > 0
            gain = (here[inside].std(0) + 8) / (b[inside].std(0) + 8)
            b = (b - b[inside].mean(0)) * gain + here[inside].mean(0)
            m = cv2.GaussianBlur(mask, (0, 0), feather).astype(np.float32)[..., None] / 255
            a[y0:y1, x0:x1] = here * (1 - m) + b * m
        return np.clip(a, 0, 255).astype(np.uint8)

    def bands(self, rng, a, shape):
        """Another face's texture in this shape; coarse, middle and fine detail taken from one or the other, region by region."""
        j = self.pick(rng, True)
        m = self.field(self.shapes[j], shape, 256)
        b = cv2.remap(self.faces[j], m, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        a, out = a.astype(np.float32), 0
        for sigma in (3.0, 12.0, None):
            la = cv2.blur(cv2.blur(a, (k := int(sigma * 2) | 1, k)), (k, k)) if sigma else 0
            lb = cv2.blur(cv2.blur(b, (k, k)), (k, k)) if sigma else 0
            u = rng.random()
            if u < 0.25:
                weight = np.float32(u < 0.125)
            else:
                weight = 1 / (1 + np.exp(-smooth(rng, int(rng.integers(2, 5)), 256) * rng.uniform(3, 12)))[..., None]
            out = out + (a - la) * weight + (b - lb) * (1 - weight)
            a, b = la, lb
        return np.clip(out, 0, 255).astype(np.uint8)

    def new_shape(self, rng, shape):
        """Exaggerated or weakened, plus random modes, expression and a little yaw."""
        s = self.mean + (shape - self.mean) * rng.uniform(0.6, 1.5)
        s = s + np.tensordot(rng.standard_normal(30).astype(np.float32) * rng.uniform(0, 0.8), self.modes, 1)
        if rng.random() < 0.5:
            mouth = np.arange(48, 68)
            c = s[mouth].mean(0)
            s[mouth] = c + (s[mouth] - c) * np.array([1 + rng.uniform(-0.08, 0.15), 1 + rng.uniform(-0.15, 0.4)])
            s[17:27, 1] += rng.uniform(-3, 2)
        if rng.random() < 0.6:
            depth = np.zeros(len(s))
            depth[27:36], depth[17:27], depth[36:68], depth[8] = 1, 0.5, 0.45, 0.4
            s[:, 0] += rng.normal(0, 0.08) * 60 * depth
            s[27:36, 1] += rng.normal(0, 2)
        return s.astype(np.float32)

    def make(self, rng):
        """One aligned face of somebody new, 128×128×3 float, before light and colour."""
        shaped = rng.random() < 0.6
        i = self.pick(rng, shaped)
        a, shape = self.faces[i], self.shapes[i]
        if shaped and rng.random() < 0.55:
            a = self.bands(rng, a, shape)
        if rng.random() < 0.6:
            a = self.parts(rng, a)
        n = int(rng.integers(3, 10))
        f = smooth(rng, n, 256, 2) * rng.uniform(0, 11 if n < 6 else 8) * (0.7 if shaped else 1)
        if rng.random() < 0.6:
            g = f[:, ::-1] * np.array([-1, 1], np.float32)
            f = (f + g) / np.float32(np.sqrt(2))
        points = POINTS_256.copy()
        target = shape
        if shaped:
            target = self.new_shape(rng, shape)
            points += five_points(target[:68]) - five_points(shape[:68])
        index = np.clip(np.round(points).astype(int), 0, 255)
        moved = points - f[index[:, 1], index[:, 0]]
        m = similarity(moved, TEMPLATE + 8)
        back = cv2.invertAffineTransform(m).astype(np.float32)
        g = self.grid[:SIDE, :SIDE]
        where = g @ back[:, :2].T + back[:, 2]
        local = cv2.remap(f, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        if shaped:
            where = self.field(shape, target, SIDE, m)
        a = cv2.GaussianBlur(a, (0, 0), 0.55)
        out = cv2.remap(a, where + local, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return (out[:, ::-1] if rng.random() < 0.5 else out).astype(np.float32)

    def plain(self, rng):
        """One of the faces as it is, aligned."""
        m = similarity(POINTS_256, TEMPLATE + 8)
        out = cv2.warpAffine(cv2.GaussianBlur(self.faces[self.pick(rng)], (0, 0), 0.55), m, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)
        return out[:, ::-1] if rng.random() < 0.5 else out


def accessories(rng, a):
    """Sometimes dark or thin glasses, something over the forehead, a shadow on the chin."""
    u = rng.random()
    if u < 0.06:
        layer = a.copy()
        r = (int(rng.uniform(11, 17)), int(rng.uniform(8, 14)))
        colour = [float(rng.uniform(0, 90))] * 3
        thick = -1 if rng.random() < 0.35 else int(rng.integers(1, 4))
        for x, y in (TEMPLATE[:2] + 8).astype(int):
            cv2.ellipse(layer, (int(x), int(y) + 2), r, 0, 0, 360, colour, thick, cv2.LINE_AA)
        cv2.line(layer, (58, 59), (70, 59), colour, max(1, thick), cv2.LINE_AA)
        alpha = rng.uniform(0.6, 1)
        return a * (1 - alpha) + layer * alpha
    if u < 0.12:
        mask = np.zeros((SIDE, SIDE), np.float32)
        y = int(rng.uniform(2, 34))
        cv2.ellipse(mask, (64 + int(rng.normal(0, 20)), -30), (int(rng.uniform(70, 110)), 30 + y), 0, 0, 360, 1.0, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.8, 4))[..., None]
        return a * (1 - mask) + (rng.uniform(0, 130, 3) + smooth(rng, 24, SIDE)[..., None] * 12) * mask
    return a


def light(rng, a):
    """Texture noise, sharpening, grey or colour gains, gamma, contrast, a gradient of light."""
    if rng.random() < 0.4:
        a = a + smooth(rng, int(rng.integers(6, 24)), SIDE)[..., None] * rng.uniform(2, 14)
    if rng.random() < 0.65:
        a = a + (a - cv2.GaussianBlur(a, (0, 0), rng.uniform(0.7, 1.6))) * rng.uniform(0.3, 2.0)
    u = rng.random()
    if u < 0.45:
        a = np.repeat((np.clip(a, 0, 255) @ np.array([0.114, 0.587, 0.299], np.float32))[..., None], 3, 2)
    elif u < 0.7:
        a = a * rng.uniform(0.8, 1.2, 3).astype(np.float32)
    a = 255 * np.clip(a / 255, 0, 1) ** np.float32(rng.uniform(0.6, 1.6))
    a = (a - 128) * rng.uniform(0.7, 1.4) + 128 + rng.uniform(-25, 25)
    if rng.random() < 0.4:
        angle, step = rng.uniform(0, 2 * np.pi), (np.arange(SIDE, dtype=np.float32) - 64) / 64
        a = a * (1 + (np.cos(angle) * step[None] + np.sin(angle) * step[:, None])[..., None] * rng.uniform(0, 0.5))
    return np.clip(a, 0, 255).astype(np.uint8)


def picture(people, rng):
    return light(rng, accessories(rng, people.make(rng)))
