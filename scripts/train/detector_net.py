# SPDX-License-Identifier: MIT
"""The detector: plain 3×3 convolutions of few channels, a small top-down pyramid, strides 8, 16 and 32.

Its outputs have YuNet's layout. One map holds the score p; cls and obj are both p, so that √(cls·obj) = p."""
import torch
import torch.nn.functional as F
from torch import nn

from embedder_net import Residual, conv_bn_relu

STRIDES = (8, 16, 32)
OUTPUTS = [f"{kind}_{s}" for kind in ("cls", "obj", "bbox", "kps") for s in STRIDES]


class Detector(nn.Module):
    """forward(BGR 0–255, N×3×H×W) → N×cells×15: score logit, box, landmarks; strides one after another."""

    def __init__(self, c=(8, 16, 16, 32, 40, 32), neck=32, head=24):
        super().__init__()
        self.to8 = nn.Sequential(conv_bn_relu(3, c[0], 2), conv_bn_relu(c[0], c[1], 2), conv_bn_relu(c[1], c[2], 1),
                                 conv_bn_relu(c[2], c[3], 2), Residual(c[3], c[3], 1))
        self.to16 = nn.Sequential(conv_bn_relu(c[3], c[4], 2), Residual(c[4], c[4], 1))
        self.to32 = nn.Sequential(conv_bn_relu(c[4], c[5], 2), conv_bn_relu(c[5], c[5], 1))
        self.side = nn.ModuleList(nn.Conv2d(i, neck, 1) for i in c[3:])
        self.head = nn.ModuleList(nn.Sequential(conv_bn_relu(neck, head, 1), nn.Conv2d(head, 15, 1)) for _ in STRIDES)
        for h in self.head:
            nn.init.constant_(h[1].bias[0], -4.0)

    def maps(self, x):
        c8 = self.to8((x - 127.5) / 128)
        c16 = self.to16(c8)
        c32 = self.to32(c16)
        p32 = F.relu(self.side[2](c32))
        p16 = F.relu(self.side[1](c16) + F.interpolate(p32, scale_factor=2, mode="nearest"))
        p8 = F.relu(self.side[0](c8) + F.interpolate(p16, scale_factor=2, mode="nearest"))
        return [h(p) for h, p in zip(self.head, (p8, p16, p32))]

    def forward(self, x):
        return torch.cat([m.permute(0, 2, 3, 1).flatten(1, 2) for m in self.maps(x)], 1)


class AsYuNet(nn.Module):
    """The same network with YuNet's twelve outputs, for export with a batch of one."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        maps = [m.permute(0, 2, 3, 1) for m in self.network.maps(x)]
        part = lambda a, b: [m[..., a:b].reshape(1, -1, b - a) for m in maps]
        score = part(0, 1)
        return (*[torch.sigmoid(s) for s in score], *[torch.sigmoid(s) for s in score], *part(1, 5), *part(5, 15))
