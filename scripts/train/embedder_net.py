# SPDX-License-Identifier: MIT
"""The embedder, of its teacher's shape (MobileFaceNet): blocks that widen by 1×1, filter each channel by 3×3 and narrow by 1×1, at 28×28,
14×14 and 7×7; a 7×7 depthwise convolution, a linear layer. RGB 0–255 in, 128 floats out. Its parts end where the teacher's blocks end,
so that each part can learn for itself what its teacher does there."""
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

# A stage: channels, channels within the part that halves the map, within each block after it, and how many of those.
STAGES = ((64, 128, 128, 4), (128, 256, 256, 6), (128, 512, 256, 2))
SIDES = (28, 14, 7)
HEAD = 512


class SlopesFunction(torch.autograd.Function):
    """prelu, with a gradient of operations that are fast on a CPU: torch's own takes five times as long, ten times as long as its 1×1."""

    @staticmethod
    def forward(context, x, slopes):
        context.save_for_backward(x, slopes)
        return F.prelu(x, slopes.to(x.dtype))

    @staticmethod
    def backward(context, gradient):
        x, slopes = context.saved_tensors
        above = torch.ops.aten.threshold_backward(gradient, x, 0)
        below = gradient - above
        to_x = torch.addcmul(above, below, slopes.to(gradient.dtype)[:, None, None])
        return to_x, (below * x).sum((0, 2, 3)).float()


class Slopes(nn.Module):
    """PReLU. It begins with slopes of all kinds, as its teacher's are."""

    def __init__(self, channels):
        super().__init__()
        self.slopes = nn.Parameter(torch.linspace(-0.6, 0.8, channels))

    def forward(self, x):
        return SlopesFunction.apply(x, self.slopes) if self.training else F.prelu(x, self.slopes.to(x.dtype))


def conv_bn(i, o, size=3, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(i, o, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(o))


def conv_bn_relu(i, o, stride):
    return nn.Sequential(*conv_bn(i, o, 3, stride), nn.ReLU(inplace=True))


def conv_bn_slopes(i, o, size, stride=1, groups=1):
    return nn.Sequential(*conv_bn(i, o, size, stride, groups), Slopes(o))


class Residual(nn.Module):
    """A block of the small networks (detector, landmarks, liveness)."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.a, self.b = conv_bn_relu(i, o, stride), conv_bn(o, o)
        self.d = conv_bn(i, o, 1, stride) if stride > 1 or i != o else None

    def forward(self, x):
        return torch.relu(self.b(self.a(x)) + (self.d(x) if self.d else x))


class Part(nn.Sequential):
    """Wider, each channel filtered, narrower: to a map of half the side, or (`adds`) as an addition to the map it is given."""

    def __init__(self, i, wide, o, stride=1):
        super().__init__(conv_bn_slopes(i, wide, 1), conv_bn_slopes(wide, wide, 3, stride, wide), conv_bn(wide, o, 1))
        self.adds = stride == 1

    def forward(self, x):
        return x + super().forward(x) if self.adds else super().forward(x)


class First(nn.Sequential):
    """From the picture to 56×56, and on to the first map of 28×28."""

    adds = False

    def __init__(self, wide, o):
        super().__init__(conv_bn_slopes(3, o, 3, 2), conv_bn_slopes(o, o, 3, 1, o), Part(o, wide, o, 2))

    def forward(self, x):
        return super().forward((x - 127.5) / 128)


class Head(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.wide = conv_bn_slopes(i, HEAD, 1)
        self.g = nn.Conv2d(HEAD, HEAD, 7, groups=HEAD, bias=False)
        self.bn = nn.BatchNorm2d(HEAD)
        self.fc = nn.Linear(HEAD, 128)

    def forward(self, x):
        return self.fc(self.bn(self.g(self.wide(x)).float()).flatten(1))


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        parts, i = [], None
        for channels, halving, wide, count in STAGES:
            parts.append(Part(i, halving, channels, 2) if parts else First(halving, channels))
            parts += [Part(channels, wide, channels) for _ in range(count)]
            i = channels
        self.parts, self.head = nn.ModuleList(parts), Head(i)

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return self.head(x)


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
    return [(c, n) for c, n in zip(order[::2], order[1::2]) if c is not network.head.g]


def read_back(path, example):
    """A network with the weights of its exported file. Its batch norms, folded into the convolutions, are fitted anew on
    `example` (a batch of pictures): each gets the mean and variance of what it normalises, and weights that undo both."""
    graph = onnx.load(str(path)).graph
    weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    folded = [n for n in graph.node if n.op_type == "Conv" and len(n.input) == 3]
    network = Embedder().to(memory_format=torch.channels_last)
    pairs = convolutions(network, example[:2])
    if [tuple(weights[n.input[1]].shape) for n in folded] != [tuple(c.weight.shape) for c, _ in pairs]:
        raise ValueError(f"{path} holds an embedder of another shape; only the shape of embedder_net.py can be read")
    own = network.state_dict()
    with torch.no_grad():
        for name, value in own.items():
            if name.startswith(("head.g.", "head.bn.", "head.fc.")) and value.is_floating_point():
                value.copy_(weights[name])
        for module, node in zip((m for m in network.modules() if isinstance(m, Slopes)), (n for n in graph.node if n.op_type == "PRelu")):
            module.slopes.copy_(weights[node.input[1]].flatten())
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
