# SPDX-License-Identifier: MIT
"""Shared by all trainings: AdamW with a rate that rises for some steps and falls to zero, a running mean of the weights, and a checkpoint
to continue from."""
import copy

import numpy as np
import torch

from places import NETWORKS, WORK


def orthogonal(m, steps=5):
    """The nearest semi-orthogonal matrix to m, roughly: Newton and Schulz's iteration with the quintic of Muon. Each iterate is a
    polynomial of m mᵀ times m, so all are computed on the shorter side. Not in bf16: the polynomial raises small directions 500 times,
    and their rounding then drowns the large ones."""
    if m.shape[0] > m.shape[1]:
        return orthogonal(m.T, steps).T
    m = m / (m.norm() + 1e-7)
    gram, unit = m @ m.T, torch.eye(len(m), dtype=m.dtype, device=m.device)
    p = unit
    for _ in range(steps):
        a = p @ gram @ p
        p = (3.4445 * unit - 4.7750 * a + 2.0315 * a @ a) @ p
    return p @ m


class Muon(torch.optim.AdamW):
    """AdamW, but for the kernels of convolutions: their steps are the momentum, made orthogonal (Jordan et al. 2024), of the size
    that AdamW's have (Liu et al. 2025), so that one rate and one weight decay fit both."""

    def __init__(self, network, rate, weight_decay):
        kernels = [m.weight for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.groups == 1]
        known = {id(k) for k in kernels}
        rest = [p for p in network.parameters() if id(p) not in known]
        super().__init__([{"params": kernels, "orthogonal": True}, {"params": rest, "orthogonal": False}], rate, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self):
        for group in (g for g in self.param_groups if g["orthogonal"]):
            for p in group["params"]:
                state = self.state[p]
                state.setdefault("step", torch.zeros(()))  # AdamW looks for it when a state is loaded
                momentum = state.setdefault("momentum", torch.zeros_like(p))
                momentum.mul_(0.95).add_(p.grad)
                matrix = orthogonal(p.grad.add(momentum, alpha=0.95).flatten(1))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(matrix.view_as(p), alpha=-group["lr"] * 0.2 * max(matrix.shape) ** 0.5)
                p.grad = None  # AdamW passes it over
        super().step()


class Training:
    """A network, its running mean (`average`), the optimizer and where they stand: `views`, `steps`, `elapsed` seconds. Goes on
    from build/train/<name>.pt where that is there."""

    def __init__(self, name, network, rate, weight_decay, warm=200, memory=0.999, clip=None, muon=False):
        self.rate, self.warm, self.memory, self.clip, self.network = rate, warm, memory, clip, network
        self.average = copy.deepcopy(network).requires_grad_(False).eval()
        self.optimizer = (Muon(network, rate, weight_decay) if muon
                          else torch.optim.AdamW(network.parameters(), rate, weight_decay=weight_decay))
        self.parts = {"network": network, "average": self.average, "optimizer": self.optimizer}
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
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.clip)
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
