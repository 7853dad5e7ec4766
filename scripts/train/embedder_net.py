# SPDX-License-Identifier: MIT
"""The embedder: plain 3×3 residual blocks, a 7×7 depthwise convolution, a linear layer. RGB 0–255 in, 128 floats out."""
import torch
from torch import nn

WIDTHS = (16, 32, 64, 128)
BLOCKS = {"small": (1, 2, 3, 2), "deep": (1, 2, 5, 3)}  # a stage


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

    def silence(self):
        """Makes the block hand on what it is given (its input is never negative): training begins where it was without it."""
        nn.init.zeros_(self.b[1].weight)


class Embedder(nn.Module):
    """Parameter names are those of ../shared/models/mini-trial, whose weights load as they are."""

    def __init__(self, blocks):
        super().__init__()
        layers, i = [conv_bn_relu(3, WIDTHS[0], 2)], WIDTHS[0]
        for stage, (o, count) in enumerate(zip(WIDTHS, blocks)):
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


def grow(network, blocks, state):
    """Takes over the weights of a network of the same or fewer blocks a stage; blocks beyond those begin as nothing."""
    outputs = [state[n].shape[0] for n in sorted((n for n in state if n.endswith(".a.0.weight")), key=lambda n: int(n.split(".")[1]))]
    known = [outputs.count(w) for w in WIDTHS]
    renamed = {n: v for n, v in state.items() if not n.startswith("b.") or n.startswith("b.0.")}
    old = new = 1
    for count, had in zip(blocks, known):
        for block in range(count):
            if block < had:
                renamed.update({f"b.{new}." + n[len(f"b.{old}."):]: v for n, v in state.items() if n.startswith(f"b.{old}.")})
                old += 1
            else:
                network.b[new].silence()
            new += 1
    own = network.state_dict()
    own.update(renamed)
    network.load_state_dict(own)
