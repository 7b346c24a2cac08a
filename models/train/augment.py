"""Changes of a batch that leave its geometry true: light, colour, softness, grain, brushwork.

Portrait, geometric picture and truth change alike, so that the network learns to keep whatever style it meets.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

import data
from aliases import Batch, Config, Rng


def flip(batch: Batch, which: torch.Tensor) -> Batch:
    """Mirror the samples of which; the yaw changes its sign."""
    out = []
    for t in batch:
        m = t.clone()
        m[which] = t[which].flip(3)
        if t.shape[1] == 7:
            m[which, data.YAW] = (256 - t[which, data.YAW].int()).clamp(0, 255).to(t.dtype)
        out.append(m)
    return out


def jitter(rng: Rng, c: Config) -> torch.Tensor:
    """A small turn, change of size and shift, as the 2x3 matrix of affine_grid."""
    a = rng.uniform(-c["turn"], c["turn"])
    k = np.exp(rng.uniform(-c["scale"], c["scale"]))
    x, y = rng.uniform(-c["shift"], c["shift"], 2)
    return torch.tensor([[k * np.cos(a), -k * np.sin(a), x], [k * np.sin(a), k * np.cos(a), y]], dtype=torch.float32)


def moved(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """x (3-d) seen through a matrix; cubic, so that it stays sharp."""
    grid = F.affine_grid(matrix[None], [1, *x.shape], align_corners=False)
    return F.grid_sample(x[None], grid, "bicubic", "reflection", align_corners=False)[0].clamp(0, 1)


def box(x: torch.Tensor, r: int) -> torch.Tensor:
    x = F.pad(x, (r, r, r, r), mode="replicate")
    return F.avg_pool2d(x, 2 * r + 1, 1)


def kuwahara(x: torch.Tensor, r: int) -> torch.Tensor:
    """Flattens inside brush strokes and keeps edges: the mean of the calmest of four corners."""
    n = 2 * r
    p = F.pad(x, (n, n, n, n), mode="replicate")
    grey = p.mean(1, keepdim=True)
    mean, m1, m2 = (F.avg_pool2d(t, n + 1 - r, 1) for t in (p, grey, grey * grey))
    var = m2 - m1 * m1
    h, w = x.shape[2:]
    k = n + 1 - r
    spots = [(n - k + 1, n - k + 1), (n - k + 1, n), (n, n - k + 1), (n, n)]
    means = torch.stack([mean[:, :, y:y + h, z:z + w] for y, z in spots])
    worst = torch.stack([var[:, :, y:y + h, z:z + w] for y, z in spots])
    pick = worst.argmin(0, keepdim=True).expand(-1, -1, x.shape[1], -1, -1)
    return means.gather(0, pick)[0]


def gauss(x: torch.Tensor, sigma: float) -> torch.Tensor:
    r = max(1, int(2 * sigma + 0.5))
    t = torch.arange(-r, r + 1, dtype=torch.float32)
    k = torch.exp(-t * t / (2 * sigma * sigma))
    k = (k / k.sum()).to(x.dtype)
    c = x.shape[1]
    x = F.pad(x, (r, r, r, r), mode="replicate")
    x = F.conv2d(x, k.view(1, 1, 1, -1).expand(c, 1, 1, -1), groups=c)
    return F.conv2d(x, k.view(1, 1, -1, 1).expand(c, 1, -1, 1), groups=c)


def colour_matrix(rng: Rng, c: Config) -> tuple[torch.Tensor, float]:
    """A random 3x3 matrix and offset near the identity: gain, saturation, a little mixing."""
    m = torch.eye(3) * torch.tensor(rng.uniform(1 - c["gain"], 1 + c["gain"]))
    m = m * torch.tensor(rng.uniform(1 - c["tint"], 1 + c["tint"], 3), dtype=torch.float32)[:, None]
    grey = torch.full((3, 3), 1 / 3)
    s = 0.0 if rng.random() < c["grey"] else rng.uniform(0.5, 1.4)
    m = (s * torch.eye(3) + (1 - s) * grey) @ m.float()
    return m, float(rng.uniform(-c["offset"], c["offset"]))


def apply(rng: Rng, c: Config, batch: Batch, group: Sequence[int] | None = None) -> Batch:
    """uint8 batch -> float32 pictures 0..1 and maps 0..1, augmented by config c. Samples of one group change alike."""
    n = batch[0].shape[0]
    group = list(range(n)) if group is None else group
    seeds = rng.integers(0, 2 ** 31, n)
    rngs = [np.random.default_rng(seeds[g]) for g in group]
    batch = flip(batch, torch.tensor([bool(r.random() < c["flip"]) for r in rngs]))
    geo, true, maps, src, smaps = (t.float() / 255 for t in batch)
    for i, r in enumerate(rngs):
        if c.get("jitter") and r.random() < c["jitter"]:  # few people show their teeth: let no place be learned by heart
            parts = (geo, true, maps, src, smaps)
            together = moved(torch.cat([t[i] for t in parts]), jitter(r, c))
            for t, x in zip(parts, together.split([t.shape[1] for t in parts]), strict=True):
                t[i] = x
    pics = torch.stack([geo, true, src], 1)  # n, 3 pictures, 3, e, e
    for i, r in enumerate(rngs):
        pics[i] = picture(r, c, pics[i], maps[i]).clamp(0, 1)
    return pics[:, 0], pics[:, 1], maps, pics[:, 2], smaps


def picture(rng: Rng, c: Config, x: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Geometric picture, truth and portrait of one sample."""
    if rng.random() < c["colour"]:
        m, o = colour_matrix(rng, c)
        x = torch.einsum("dc,pchw->pdhw", m, x) + o
        x = x.clamp(0, 1) ** float(rng.uniform(0.75, 1.35))
    if rng.random() < c["low_key"]:  # an old painting under brown varnish
        tone = torch.tensor(rng.uniform([0.75, 0.6, 0.3], [1.0, 0.85, 0.75]), dtype=torch.float32).view(3, 1, 1)
        x = x.clamp(0, 1) ** float(rng.uniform(0.9, 1.5)) * float(rng.uniform(0.45, 0.95)) * tone
    u = rng.random()
    if u < c["brush"]:
        x = kuwahara(x, int(rng.integers(1, 4)))
    elif u < c["brush"] + c["blur"]:
        x = gauss(x, float(rng.uniform(0.5, c["blur_sigma"])))
    if rng.random() < c["grain"]:
        e = x.shape[-1]
        k = float(rng.uniform(0.005, 0.04))
        noise = torch.from_numpy(rng.standard_normal((2, 1 if rng.random() < 0.7 else 3, e, e), dtype="f4"))
        if rng.random() < 0.5:  # canvas rather than sensor
            noise = box(noise, 1) * 2
        # The truth has the geometric picture's own grain: there is nothing to remove.
        x = x + k * torch.stack([noise[0], noise[0], noise[1]])
    if rng.random() < c["palette"]:
        # What the geometric layer paints behind the lips is a guess that another version of it makes differently.
        inner = maps[data.INNER] * float(rng.uniform(0.3, 1))
        guess = x[0] * float(rng.uniform(0.6, 1.4)) + torch.from_numpy(rng.uniform(-0.06, 0.06, (3, 1, 1)).astype("f4"))
        x = torch.stack([x[0] + inner * (guess - x[0]), x[1], x[2]])
    return x
