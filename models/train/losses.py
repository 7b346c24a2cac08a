"""What the generator is trained on, all of it inside the mask."""
import torch
import torch.nn.functional as F

import data
import model


def within(maps, geo, true):
    """The truth inside the mask, the geometric picture outside: what a perfect generator gives."""
    m = maps[:, data.MASK:data.MASK + 1]
    return geo + m * (true - geo)


def weights(maps, inner):
    return maps[:, data.MASK:data.MASK + 1] + inner * maps[:, data.INNER:data.INNER + 1]


def weighted(error, w):
    return (error * w).sum() / (w.sum() * error.shape[1] + 1e-6)


def chroma(x):
    return x - model.luma(x)


def slopes(x):
    return x[:, :, :, 1:] - x[:, :, :, :-1], x[:, :, 1:] - x[:, :, :-1]


def gradient(a, b, w, scales):
    """L1 of the slopes at several scales: edges of teeth and lips in place and as strong as they are."""
    total = 0
    for _ in range(scales):
        ax, ay = slopes(a)
        bx, by = slopes(b)
        total = total + weighted((ax - bx).abs(), w[:, :, :, 1:]) + weighted((ay - by).abs(), w[:, :, 1:])
        a, b, w = (F.avg_pool2d(t, 2) for t in (a, b, w))
    return total / scales


def patches(maps, around):
    """Weights for the discriminator, on its grid of patches and at full size: the open mouth and its edges count, the
    rest of the mask only by around, since there truth and fake are mostly alike and teach nothing."""
    inner = F.max_pool2d(maps[:, data.INNER:data.INNER + 1], 8)
    inner = F.max_pool2d(inner, 3, 1, 1)
    small = inner + around * F.avg_pool2d(maps[:, data.MASK:data.MASK + 1], 8)
    return small, F.interpolate(small, scale_factor=8.0, mode="nearest")


def hinge_d(real, fake, w):
    return weighted(F.relu(1 - real), w) + weighted(F.relu(1 + fake), w)


def hinge_g(fake, w):
    return -weighted(fake, w)


def temporal(out, want, w, group):
    """How the change from one frame of a clip to the next differs from the truth's, over the samples of equal group."""
    first = [i for i in range(len(group) - 1) if group[i] == group[i + 1]]
    if not first:
        return out.sum() * 0
    then = [i + 1 for i in first]
    moved = (out[then] - out[first]) - (want[then] - want[first])
    return weighted(moved.abs(), torch.minimum(w[then], w[first]))


def features(real, fake, mask):
    total = 0
    for r, f in zip(real, fake):
        total = total + weighted((r.float() - f.float()).abs(), F.adaptive_avg_pool2d(mask, r.shape[2:]))
    return total / len(real)
