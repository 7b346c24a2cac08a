"""What the generator is trained on, all of it inside the mask."""
from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

import data
import model


def within(maps: torch.Tensor, geo: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """The truth inside the mask, the geometric picture outside: what a perfect generator gives."""
    m = maps[:, data.MASK:data.MASK + 1]
    return geo + m * (true - geo)


def weights(maps: torch.Tensor, inner: float) -> torch.Tensor:
    return maps[:, data.MASK:data.MASK + 1] + inner * maps[:, data.INNER:data.INNER + 1]


def weighted(error: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return (error * w).sum() / (w.sum() * error.shape[1] + 1e-6)


def chroma(x: torch.Tensor) -> torch.Tensor:
    return x - model.luma(x)


def slopes(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[:, :, :, 1:] - x[:, :, :, :-1], x[:, :, 1:] - x[:, :, :-1]


def gradient(a: torch.Tensor, b: torch.Tensor, w: torch.Tensor, scales: int) -> torch.Tensor:
    """L1 of the slopes at several scales: edges of teeth and lips in place and as strong as they are."""
    total = w.new_zeros(())
    for _ in range(scales):
        ax, ay = slopes(a)
        bx, by = slopes(b)
        total = total + weighted((ax - bx).abs(), w[:, :, :, 1:]) + weighted((ay - by).abs(), w[:, :, 1:])
        a, b, w = (F.avg_pool2d(t, 2) for t in (a, b, w))
    return total / scales


def patches(maps: torch.Tensor, around: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights for the discriminator, on its grid of patches and at full size: the open mouth and its edges count, the
    rest of the mask only by around, since there truth and fake are mostly alike and teach nothing."""
    inner = F.max_pool2d(maps[:, data.INNER:data.INNER + 1], 8)
    inner = F.max_pool2d(inner, 3, 1, 1)
    small = inner + around * F.avg_pool2d(maps[:, data.MASK:data.MASK + 1], 8)
    return small, F.interpolate(small, scale_factor=8.0, mode="nearest")


def hinge_d(real: torch.Tensor, fake: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return weighted(F.relu(1 - real), w) + weighted(F.relu(1 + fake), w)


def hinge_g(fake: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return -weighted(fake, w)


def temporal(out: torch.Tensor, want: torch.Tensor, w: torch.Tensor, group: Sequence[int]) -> torch.Tensor:
    """How the change from one frame of a clip to the next differs from the truth's, over the samples of equal group."""
    first = [i for i in range(len(group) - 1) if group[i] == group[i + 1]]
    if not first:
        return out.sum() * 0
    then = [i + 1 for i in first]
    moved = (out[then] - out[first]) - (want[then] - want[first])
    return weighted(moved.abs(), torch.minimum(w[then], w[first]))


def features(real: Sequence[torch.Tensor], fake: Sequence[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
    total = mask.new_zeros(())
    for r, f in zip(real, fake, strict=True):
        total = total + weighted((r.float() - f.float()).abs(), F.adaptive_avg_pool2d(mask, (r.shape[2], r.shape[3])))
    return total / len(real)
