# SPDX-License-Identifier: MIT
"""The student's input: the teacher's picture misaligned, mirrored, blurred, coarse, compressed, noisy, partly covered."""
import cv2
import numpy as np

_noise = np.random.default_rng(0).integers(-127, 128, (256, 256, 3)).astype(np.int16)


def degrade(x, rng, strength=1.0):
    """x 128×128×3 → (112×112×3, mirrored?)."""
    angle, scale = rng.normal(0, 0.05) * strength, 1 + rng.normal(0, 0.035) * strength
    c, s, d = np.cos(angle) * scale, np.sin(angle) * scale, rng.normal(0, 1.6, 2) * strength
    mirrored = rng.random() < 0.5
    m = np.array([[c, -s, 55.5 - c * 63.5 + s * 63.5 + d[0]], [s, c, 55.5 - s * 63.5 - c * 63.5 + d[1]]])
    if mirrored:
        m[0] = -m[0]
        m[0, 2] += 111
    y = cv2.warpAffine(x, m, (112, 112), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    u = rng.random()
    if u < 0.25 * strength:
        q = rng.uniform(0.25, 0.8)
        y = cv2.resize(cv2.resize(y, None, fx=q, fy=q, interpolation=cv2.INTER_AREA), (112, 112), interpolation=cv2.INTER_LINEAR)
    elif u < 0.4 * strength:
        y = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.4, 1.6))
    if rng.random() < 0.5:
        blurred, amount = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.6, 1.8)), rng.uniform(0.2, 2.0)
        y = cv2.addWeighted(y, 1 + amount, blurred, -amount, 0)
    if rng.random() < 0.5:
        gain = rng.uniform(0.7, 1.5)
        y = cv2.convertScaleAbs(y, alpha=gain, beta=(1 - gain) * 110 + rng.uniform(-20, 20))
    if rng.random() < 0.2 * strength:
        y = cv2.imdecode(cv2.imencode(".jpg", y, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])[1], cv2.IMREAD_COLOR)
    if rng.random() < 0.2 * strength:
        h, w = rng.integers(0, 144, 2)
        y = np.clip(y + (_noise[h:h + 112, w:w + 112] >> int(rng.integers(3, 6))), 0, 255).astype(np.uint8)
    if rng.random() < 0.12 * strength:
        h, w = rng.integers(10, 40, 2)
        top, left = rng.integers(0, 112 - h), rng.integers(0, 112 - w)
        y[top:top + h, left:left + w] = rng.integers(0, 255)
    if rng.random() < 0.35:
        black_frame(y, rng)
    return y, mirrored


def black_frame(y, rng):
    """The black corners that alignment leaves when a face lies at the border of its picture."""
    centre = (56 + rng.normal(0, 4), 58 + rng.normal(0, 4))
    box = cv2.boxPoints((centre, (rng.uniform(80, 130), rng.uniform(86, 140)), np.degrees(rng.normal(0, 0.15))))
    mask = np.zeros((112, 112), np.uint8)
    cv2.fillConvexPoly(mask, np.round(box).astype(np.int32), 255)
    y[mask == 0] = 0
