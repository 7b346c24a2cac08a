"""Features of a network that reads facial expressions, as a loss: what makes a mouth look like that mouth.

The network is face-api's expression recogniser (MIT), out of the npm package that `make` installs under models/node_modules; only its
first blocks look, at the region's own size. It stands in for VGG, and is another network than the one that measures identity.
"""
from __future__ import annotations

import json
import os
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from aliases import Array

PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "node_modules", "@vladmandic", "face-api", "model")
NAME = "face_expression_model"
MEAN = (122.782, 117.001, 104.298)  # R, G, B that the network was trained with
BLOCKS = 2  # of four: edges and textures at a half and a quarter of the size


def weights(folder: str) -> dict[str, Array]:
    """Name -> float32 array of the package's weights, which are stored as bytes with scale and minimum."""
    path = os.path.join(folder, NAME)
    try:
        with open(path + "-weights_manifest.json") as f:
            groups = json.load(f)
        with open(path + ".bin", "rb") as f:
            blob = f.read()
    except FileNotFoundError as e:
        raise SystemExit(f"{e.filename} is missing; run `npm ci --ignore-scripts --prefix models` at the root of the project,"
                         " or train with --set train.perceptual=0") from None
    out, at = {}, 0
    for w in (w for g in groups for w in g["weights"]):
        n, q = int(np.prod(w["shape"])), w.get("quantization")
        kind = np.dtype(q["dtype"] if q else w["dtype"])
        x = np.frombuffer(blob, kind, n, at).astype(np.float32)
        out[w["name"]] = (x * q["scale"] + q["min"] if q else x).reshape(w["shape"])
        at += n * kind.itemsize
    return out


def halved(conv: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """A 3x3 convolution of stride 2 as TensorFlow pads it: below and to the right, where the size is even."""
    return conv(F.pad(x, (0, 1, 0, 1)))


class Block(nn.Module):
    """Four convolutions, each of which sees the sum of those before it; the first halves the size."""

    def __init__(self, w: dict[str, Array], name: str, first: bool) -> None:
        super().__init__()
        self.convs = nn.ModuleList()
        for k in range(4):
            at = f"{name}/conv{k}/"
            deep = [w[at + "filters"]] if first and k == 0 else [w[at + "depthwise_filter"], w[at + "pointwise_filter"]]
            self.convs.append(self.layers(deep, w[at + "bias"], k == 0))

    @staticmethod
    def layers(filters: Sequence[Array], bias: Array, half: bool) -> nn.Sequential:
        out = nn.Sequential()
        for n, f in enumerate(filters):
            k, _, cin, cout = f.shape
            depthwise = cout == 1
            conv = nn.Conv2d(cin, cin if depthwise else cout, k, 2 if half and n == 0 else 1,
                             (k - 1) // 2 if not (half and n == 0) else 0, groups=cin if depthwise else 1, bias=n == len(filters) - 1)
            conv.weight.data = torch.from_numpy(np.ascontiguousarray(f.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))))
            out.append(conv)
        out[-1].bias.data = torch.from_numpy(bias.copy())
        return out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = F.relu(halved(self.convs[0], x))
        for n, conv in enumerate(list(self.convs)[1:]):
            total = total + conv(total if n == 0 else F.relu(total))
        return F.relu(total)


class Perceptual(nn.Module):
    """The loss; its network never learns."""

    mean: torch.Tensor

    def __init__(self, folder: str = PACKAGE) -> None:
        super().__init__()
        w = weights(folder)
        self.blocks = nn.ModuleList(Block(w, f"dense{k}", k == 0) for k in range(BLOCKS))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) / 255)
        for p in self.parameters():
            p.requires_grad_(False)

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """R, G, B 0..1 -> N 32 E/2 E/2 and N 64 E/4 E/4."""
        x, out = x - self.mean, []
        for block in self.blocks:
            x = block(x)
            out.append(x)
        return out

    def forward(self, out: torch.Tensor, want: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """L1 of the features over how far they spread in the truth, where weights w (N 1 E E) say."""
        with torch.no_grad():
            truth = self.features(want)
        total = w.new_zeros(())
        for a, b in zip(self.features(out), truth, strict=True):
            at = F.adaptive_avg_pool2d(w, (a.shape[2], a.shape[3]))
            spread = b.float().std((0, 2, 3), keepdim=True) + 1e-2
            total = total + (((a.float() - b.float()).abs() / spread) * at).sum() / (at.sum() * a.shape[1] + 1e-6)
        return total / len(truth)
