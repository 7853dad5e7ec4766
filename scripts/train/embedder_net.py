# SPDX-License-Identifier: MIT
"""The embedder: plain 3×3 residual blocks, a 7×7 depthwise convolution, a linear layer. RGB 0–255 in, 128 floats out."""
import onnx
import torch
from onnx import numpy_helper
from torch import nn

WIDTHS = (16, 32, 64, 128)
BLOCKS = {"deep": (1, 2, 5, 3), "deeper": (1, 3, 8, 3)}  # a stage


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

    def forward(self, x):
        return self.fc(self.bn(self.g(self.b((x - 127.5) / 128)).float()).flatten(1))


def convolutions(network, example):
    """The pairs of convolution and batch norm that an export folds, in the order in which they run."""
    order, hooks = [], []
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d)):
            hooks.append(module.register_forward_hook(lambda m, i, o: order.append(m)))
    network.eval()
    with torch.no_grad():
        network(example)
    for hook in hooks:
        hook.remove()
    return [(c, n) for c, n in zip(order[::2], order[1::2]) if c is not network.g]


def read_back(path, example):
    """A network with the weights of its exported file. Its batch norms, folded into the convolutions, are fitted anew on
    `example` (a batch of pictures): each gets the mean and variance of what it normalises, and weights that undo both."""
    graph = onnx.load(str(path)).graph
    weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    folded = [n for n in graph.node if n.op_type == "Conv" and len(n.input) == 3]
    outputs = [weights[n.input[1]].shape[0] for n in folded[1:] if weights[n.input[1]].shape[2] == 3]
    network = Embedder([outputs.count(w) // 2 for w in WIDTHS]).to(memory_format=torch.channels_last)
    pairs = convolutions(network, example[:2])
    if len(pairs) != len(folded):
        raise ValueError(f"{path} has {len(folded)} convolutions; this network has {len(pairs)}")
    own = network.state_dict()
    with torch.no_grad():
        for name in ("g.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "fc.weight", "fc.bias"):
            own[name].copy_(weights[name])
        for (convolution, norm), node in zip(pairs, folded):
            convolution.weight.copy_(weights[node.input[1]])
            norm.weight.fill_(1)
            norm.bias.copy_(weights[node.input[2]])
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
        refit(network, [norm for _, norm in pairs], example)
    return network


@torch.no_grad()
def refit(network, norms, example):
    seen, hooks = {}, []
    for norm in norms:
        def look(module, inputs, _):
            seen[module] = inputs[0].float().mean((0, 2, 3)), inputs[0].float().var((0, 2, 3))
        hooks.append(norm.register_forward_hook(look))
    network.eval()(example)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        mean, variance = seen[norm]
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)


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
