# SPDX-License-Identifier: MIT
"""The program's alignment (five points → 112×112) and its decoding of YuNet's raw maps, as in lib/facesearch."""
import cv2
import numpy as np

TEMPLATE = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
STRIDES = (8, 16, 32)


def similarity(source, target):
    """Least-squares similarity transform (Umeyama) as 2×3."""
    ms, mt = source.mean(0), target.mean(0)
    s, t = source - ms, target - mt
    u, d, vt = np.linalg.svd(t.T @ s / len(s))
    sign = np.array([1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    r = u @ np.diag(sign) @ vt
    scale = (d * sign).sum() / (s**2).sum() * len(s)
    return np.hstack([scale * r, (mt - scale * r @ ms)[:, None]])


def align(image, points):
    m = similarity(np.asarray(points, np.float64), TEMPLATE)
    return cv2.warpAffine(image, m, (112, 112), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


class YuNet:
    """Any detector with YuNet's outputs, through OpenCV's dnn."""

    def __init__(self, path):
        self.net = cv2.dnn.readNetFromONNX(str(path))
        self.names = self.net.getUnconnectedOutLayersNames()

    def maps(self, canvas):
        self.net.setInput(cv2.dnn.blobFromImage(canvas))
        return dict(zip(self.names, self.net.forward(self.names)))

    def __call__(self, image, side=320, threshold=0.7, nms=0.3):
        """Faces as (box x y w h, score, 5×2 points) in the picture's pixels. As in the program the picture is reduced until
        its longer side is `side`, never enlarged, and lies in the upper left corner of black."""
        height, width = image.shape[:2]
        ratio = min(1.0, side / max(width, height))
        size = max(1, round(width * ratio)), max(1, round(height * ratio))
        up = lambda n: max(64, -(-n // 32) * 32)
        canvas = np.zeros((up(size[1]), up(size[0]), 3), np.uint8)
        canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        back = np.array([width / size[0], height / size[1]])
        found = decode(self.maps(canvas), canvas.shape[1], threshold, nms)
        return [(box * np.tile(back, 2), score, points * back) for box, score, points in found]


def decode(maps, width, threshold=0.7, nms=0.3):
    """Faces in pixels of the canvas, which is `width` wide."""
    boxes, scores, points = [], [], []
    for s in STRIDES:
        score = np.sqrt(np.clip(maps[f"cls_{s}"].ravel(), 0, 1) * np.clip(maps[f"obj_{s}"].ravel(), 0, 1))
        index = np.where(score > threshold)[0]
        cell = np.stack([index % (width // s), index // (width // s)], 1).astype(np.float32)
        box = maps[f"bbox_{s}"].reshape(-1, 4)[index]
        size = np.exp(np.minimum(box[:, 2:], 10)) * s
        boxes += list(np.hstack([(cell + box[:, :2]) * s - size / 2, size]))
        points += list((maps[f"kps_{s}"].reshape(-1, 5, 2)[index] + cell[:, None]) * s)
        scores += list(score[index])
    if not boxes:
        return []
    keep = np.array(cv2.dnn.NMSBoxes([[float(v) for v in b] for b in boxes], [float(s) for s in scores], threshold, nms))
    return [(boxes[i], float(scores[i]), points[i]) for i in keep.ravel()]
