# SPDX-License-Identifier: MIT
"""Shared by all trainings: AdamW with a rate that rises for some steps and falls to zero, a running mean of the weights, and a checkpoint
to continue from."""
import copy

import numpy as np
import torch

from places import NETWORKS, WORK


class Training:
    """A network, its running mean (`average`), the optimizer and where they stand: `views`, `steps`, `elapsed` seconds. Goes on
    from build/train/<name>.pt where that is there. `others` are modules that are taught along."""

    def __init__(self, name, network, rate, weight_decay, warm=200, memory=0.999, others=None, clip=None):
        self.rate, self.warm, self.memory, self.clip = rate, warm, memory, clip
        self.average = copy.deepcopy(network).requires_grad_(False).eval()
        self.network, others = network, others or {}
        self.parameters = [p for m in (network, *others.values()) for p in m.parameters()]
        self.optimizer = torch.optim.AdamW(self.parameters, rate, weight_decay=weight_decay)
        self.parts = {"network": network, "average": self.average, "optimizer": self.optimizer, **others}
        self.views, self.steps, self.elapsed = 0, 0, 0.0
        self.path = WORK / f"{name}.pt"
        if self.path.exists():
            state = torch.load(self.path, map_location=next(network.parameters()).device)
            for k, part in self.parts.items():
                part.load_state_dict(state[k])
            self.views, self.steps, self.elapsed = state["views"], state["steps"], state.get("elapsed", 0.0)
            print(f"{name} goes on at {self.views} views", flush=True)

    def step(self, loss, count, fraction):
        """One step down `loss`, of `count` views, when `fraction` of the training is over."""
        rate = self.rate * min(1, (self.steps + 1) / self.warm) * 0.5 * (1 + np.cos(np.pi * min(1, fraction)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.clip:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimizer.step()
        self.steps, self.views = self.steps + 1, self.views + count
        decay = min(self.memory, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values()):
                mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)

    def save(self):
        state = {k: part.state_dict() for k, part in self.parts.items()}
        part = self.path.with_name(self.path.name + ".part")
        torch.save({**state, "views": self.views, "steps": self.steps, "elapsed": self.elapsed}, part)
        part.replace(self.path)


def finished(name, smoke):
    """Where a finished network goes."""
    folder = WORK / "smoke" if smoke else NETWORKS
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.onnx"
