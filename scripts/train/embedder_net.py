# SPDX-License-Identifier: MIT
"""The embedder: plain 3×3 residual blocks, a 7×7 depthwise convolution, a linear layer. RGB 0–255 in, 128 floats out."""
import torch
from torch import nn

SHAPES = {"small": ((16, 32, 64, 128), (1, 2, 3, 2)), "large": ((24, 48, 96, 160), (1, 2, 3, 2))}


def conv_bn_relu(i, o, stride):
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.a = conv_bn_relu(i, o, stride)
        self.b = nn.Sequential(nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))
        self.d = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else None

    def forward(self, x):
        return torch.relu(self.b(self.a(x)) + (self.d(x) if self.d else x))


class Embedder(nn.Module):
    """Parameter names are those of the first trial, whose weights load as they are."""

    def __init__(self, widths, blocks):
        super().__init__()
        layers, i = [conv_bn_relu(3, widths[0], 2)], widths[0]
        for stage, (o, count) in enumerate(zip(widths, blocks)):
            for j in range(count):
                layers.append(Residual(i, o, 2 if j == 0 and stage > 0 else 1))
                i = o
        self.b = nn.Sequential(*layers)
        self.g = nn.Conv2d(i, i, 7, groups=i, bias=False)
        self.bn = nn.BatchNorm2d(i)
        self.fc = nn.Linear(i, 128)

    def forward(self, x, with_map=False):
        f = self.b((x - 127.5) / 128)
        e = self.fc(self.bn(self.g(f).float()).flatten(1))
        return (e, f) if with_map else e
