# SPDX-License-Identifier: MIT
"""Simulated presentation attacks: the picture of a face shown on paper or on a screen, and photographed again."""
import cv2
import numpy as np

from people import smooth
from scenes import SIDE, worsen

LARGE = 288  # side of the shown picture, before it is photographed


def mesh(rng, period, angle):
    """Two coordinates, in periods, over the shown picture; slightly bent."""
    g = np.stack(np.meshgrid(np.arange(LARGE), np.arange(LARGE)), -1).astype(np.float32)
    c, s = np.cos(angle), np.sin(angle)
    bend = smooth(rng, 3, LARGE) * rng.uniform(0, 1.5)
    return (g[..., 0] * c + g[..., 1] * s + bend) / period, (g[..., 1] * c - g[..., 0] * s + bend) / period


def dull(rng, a):
    """Paper: less contrast, raised black, a tint, a little blur."""
    a = cv2.GaussianBlur(a, (0, 0), rng.uniform(0.4, 1.3))
    low, high = rng.uniform(15, 60), rng.uniform(185, 245)
    return low + a * ((high - low) / 255) * rng.uniform(0.92, 1.04, 3).astype(np.float32)


def paper(rng, a):
    grain = smooth(rng, int(rng.integers(60, 140)), LARGE)[..., None] * rng.uniform(1, 7)
    return dull(rng, a) + grain, (225, 250)


def dots(rng, a):
    """Coarse printing: each colour a screen of dots of its own angle."""
    a, period, soft = dull(rng, a), rng.uniform(2.2, 5), rng.uniform(2.5, 8)
    out, strength = np.empty_like(a), rng.uniform(0.25, 0.8)
    for k, angle in enumerate(rng.permutation([0.26, 0.79, 1.31])):
        u, v = mesh(rng, period, angle)
        screen = (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)) / 4 + 0.5
        out[..., k] = a[..., k] * (1 - strength) + strength * 255 / (1 + np.exp(-soft * (a[..., k] / 255 - screen)))
    return out, (210, 250)


def shine(rng, a):
    """Spots of light on a smooth surface."""
    glare = np.zeros((LARGE, LARGE), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        centre = tuple(int(v) for v in rng.integers(0, LARGE, 2))
        cv2.ellipse(glare, centre, tuple(int(v) for v in rng.integers(8, 70, 2)), rng.uniform(0, 180), 0, 360, 1.0, -1)
    glare = cv2.GaussianBlur(glare, (0, 0), rng.uniform(4, 20))[..., None] * rng.uniform(0.3, 1)
    return a * (1 - glare) + 252 * glare


def glossy(rng, a):
    return shine(rng, paper(rng, a)[0]), (225, 250)


def stripes(rng, a):
    """A display's stripes and lines, either way up, seen by a camera of about that resolution: moiré."""
    u, v = mesh(rng, rng.uniform(1.6, 4.2), rng.normal(0, 0.12) + (np.pi / 2 if rng.random() < 0.4 else 0))
    out, depth = a.astype(np.float32) * rng.uniform(0.95, 1.3), rng.uniform(0.08, 0.45)
    for k in range(3):
        out[..., k] *= 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * (u + k / 3)))
    return out * (1 - depth * rng.uniform(0, 0.7) * (0.5 + 0.5 * np.cos(2 * np.pi * v)))[..., None]


def cold(rng, a):
    """A display's bluish light, and the light that its black still gives."""
    gain = np.array([rng.uniform(1.0, 1.25), 1, rng.uniform(0.85, 1.02)], np.float32)
    return a * gain + rng.uniform(0, 25)


def screen(rng, a):
    return cold(rng, stripes(rng, a)), (0, 25)


def windows(rng, a):
    """What is bright around and mirrored in glass: soft quadrangles over the picture."""
    ghost = np.zeros((LARGE, LARGE, 3), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        corners = rng.uniform(0, LARGE, 2) + rng.normal(0, 1, (4, 2)) * rng.uniform(15, 90)
        cv2.fillConvexPoly(ghost, cv2.convexHull(corners.astype(np.int32)), [float(v) for v in rng.uniform(60, 255, 3)])
    return a + cv2.GaussianBlur(ghost, (0, 0), rng.uniform(1, 12)) * rng.uniform(0.1, 0.5)


def pane(rng, a):
    """A display too fine for its stripes to be seen: its light and what it mirrors."""
    a = cv2.GaussianBlur(a.astype(np.float32), (0, 0), rng.uniform(0.3, 1.2))
    return windows(rng, cold(rng, (a - 128) * rng.uniform(0.7, 1.25) + 128)), (0, 40)


def copy(rng, a):
    """Toner on paper: grey, steep, with speckles and streaks."""
    grey = cv2.GaussianBlur(a.astype(np.float32), (0, 0), rng.uniform(0.5, 1.6)) @ np.array([0.114, 0.587, 0.299], np.float32)
    grey = 255 / (1 + np.exp(-(grey - rng.uniform(80, 150)) / rng.uniform(25, 70)))
    grey = grey + rng.normal(0, rng.uniform(2, 16), grey.shape) + smooth(rng, int(rng.integers(4, 40)), LARGE) * rng.uniform(0, 12)
    grey = grey * (1 + rng.normal(0, rng.uniform(0, 0.05), LARGE))[None]
    low, high = rng.uniform(10, 60), rng.uniform(190, 250)
    return np.repeat((low + grey.astype(np.float32) * (high - low) / 255)[..., None], 3, 2), (205, 250)


def mixed(rng, a):
    """Two to four of everything above, in any order: what no single device does tells as much."""
    steps = [dull, stripes, cold, shine, windows, lambda r, x: dots(r, x)[0], lambda r, x: paper(r, x)[0]]
    for k in rng.permutation(len(steps))[:rng.integers(2, 5)]:
        a = np.clip(steps[k](rng, a), 0, 255)
    return a, (0, 250)


def tube(rng, a):
    """Left out of training: coarse lines that beat with the camera's shutter, a curved face plate."""
    _, v = mesh(rng, rng.uniform(3.5, 7), rng.normal(0, 0.03))
    band = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(LARGE) / rng.uniform(60, 200) + rng.uniform(0, 6))
    out = a * (1 - rng.uniform(0.15, 0.4) * (0.5 + 0.5 * np.cos(2 * np.pi * v)))[..., None]
    out = out * (1 - rng.uniform(0.1, 0.35) * band)[:, None, None] * 1.15 + rng.uniform(5, 30)
    g = (np.stack(np.meshgrid(np.arange(LARGE), np.arange(LARGE)), -1).astype(np.float32) / LARGE - 0.5)
    r2 = (g**2).sum(-1, keepdims=True)
    where = (g * (1 + rng.uniform(0.05, 0.3) * r2) + 0.5) * LARGE
    return cv2.remap(np.clip(out, 0, 255).astype(np.float32), where, None, cv2.INTER_LINEAR), (0, 40)


def ink(rng, a):
    """Left out of training: electronic paper, few greys, scattered by error diffusion's look-alike."""
    grey = cv2.cvtColor(np.clip(dull(rng, a), 0, 255).astype(np.uint8), cv2.COLOR_BGR2GRAY).astype(np.float32)
    levels = int(rng.integers(3, 9))
    grey = np.round(grey / 255 * levels + rng.uniform(-0.5, 0.5, grey.shape) * rng.uniform(0.4, 1)) / levels
    grey = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), rng.uniform(0.3, 0.8))
    return 40 + np.repeat(grey[..., None], 3, 2) * rng.uniform(130, 190), (150, 230)


def bent(rng, a):
    """Left out of training: a print that is bent, folded and shaded by its shape."""
    a, edge = paper(rng, a)
    x = np.linspace(-1, 1, LARGE, dtype=np.float32)
    curve = np.sin(x * rng.uniform(1, 3) + rng.uniform(-2, 2)) * rng.uniform(6, 22)
    g = np.stack(np.meshgrid(np.arange(LARGE), np.arange(LARGE)), -1).astype(np.float32)
    along = rng.random() < 0.5
    g[..., 1] += curve[None] if along else curve[:, None]
    a = cv2.remap(a.astype(np.float32), g, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    shade = np.gradient(curve) * rng.uniform(-1.2, 1.2)
    shade = 1 + (shade[None, :, None] if along else shade[:, None, None])
    if rng.random() < 0.6:
        fold = int(rng.integers(40, LARGE - 40))
        shade = shade * (1 + np.where(np.arange(LARGE) < fold, 0.12, -0.12))[:, None, None]
        a[fold - 1:fold + 1] *= 0.7
    return a * shade, edge


def wall(rng, a):
    """Left out of training: thrown on a wall by a projector, of which the wall's own colour and grain remain."""
    light = cv2.GaussianBlur(a.astype(np.float32), (0, 0), rng.uniform(0.6, 2)) / 255 * rng.uniform(0.5, 0.9)
    grain = 1 + smooth(rng, int(rng.integers(70, 140)), LARGE)[..., None] * rng.uniform(0.01, 0.06)
    where = np.linspace(-1, 1, LARGE, dtype=np.float32)
    spot = 1 - (where[None]**2 + where[:, None]**2)[..., None] * rng.uniform(0.05, 0.25)
    colour = rng.uniform(170, 235) * rng.uniform(0.9, 1.05, 3).astype(np.float32)
    return colour * grain * (rng.uniform(0.1, 0.35) + light * spot), (30, 90)


def cloth(rng, a):
    """Left out of training: printed on woven cloth that lies in soft folds."""
    u, v = mesh(rng, rng.uniform(2.5, 6), rng.uniform(-0.4, 0.4))
    weave = np.sign(np.sin(np.pi * u)) * np.cos(np.pi * v)
    a = dull(rng, a) * (1 + weave * rng.uniform(0.04, 0.15))[..., None]
    folds = smooth(rng, int(rng.integers(3, 8)), LARGE)
    return a * (1 + np.clip(folds * rng.uniform(0.04, 0.15), -0.4, 0.4))[..., None], (60, 245)


def untouched(_, a):
    """No attack: the same way through this file's perspective, edge apart, so that the way itself tells nothing."""
    return a, None


TAUGHT = (paper, dots, glossy, screen, pane, copy, mixed)
LEFT_OUT = (tube, ink, bent, wall, cloth)


def attack(rng, scene, box, background, kind):
    """The face of `box` and what is around it, shown by `kind` before `background`: (scene, the face's new box). Where the kind
    is no attack (`untouched`) it fills the new picture."""
    x, y, w, h = box
    side = min(max(w, h) * rng.uniform(1.4, 3.5), SIDE)
    centre = np.clip([x + w / 2, y + h / 2], side / 2, SIDE - side / 2)
    m = np.array([[LARGE / side, 0, LARGE / 2 - centre[0] * LARGE / side], [0, LARGE / side, LARGE / 2 - centre[1] * LARGE / side]])
    shown = cv2.warpAffine(scene, m, (LARGE, LARGE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    shown, edge = kind(rng, shown)
    shown = np.clip(shown, 0, 255).astype(np.uint8)
    if edge and rng.random() < 0.6:  # The paper's or device's edge, as wide as it may be.
        cv2.rectangle(shown, (0, 0), (LARGE - 1, LARGE - 1), [float(v) for v in rng.uniform(*edge) + rng.normal(0, 3, 3)],
                      int(rng.integers(4, 40)))
    # From filling the new picture to lying in its middle; seen from a little aside.
    size = rng.uniform(0.55 if edge else 1.3, 1.9) * SIDE
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2 * (1 + rng.normal(0, 0.05, (4, 2)))
    angle = rng.normal(0, 0.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = corners @ turn.T + SIDE / 2 + rng.normal(0, 12, 2)
    source = np.array([(0, 0), (LARGE, 0), (LARGE, LARGE), (0, LARGE)], np.float32)
    p = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    out = cv2.warpPerspective(shown, p, (SIDE, SIDE), background.copy(), cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    corners = np.array([[(x, y), (x + w, y), (x, y + h), (x + w, y + h)]], np.float64) @ m[:, :2].T + m[:, 2]
    moved = cv2.perspectiveTransform(corners, p)[0]
    low, high = moved.min(0), moved.max(0)
    # The box's size by its area, since a turned box's frame is wider than the detector's answer would be.
    scale = np.sqrt(abs(cv2.contourArea(moved[[0, 1, 3, 2]].astype(np.float32))) / (w * h))
    middle = (low + high) / 2
    return worsen(rng, out), (middle[0] - w * scale / 2, middle[1] - h * scale / 2, w * scale, h * scale)
