"""Figures and pictures: held-out tables, sample sheets, curves. Sheets show, from the left: portrait, geometric
layer, learned layer, truth."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import augment
import data
import losses
import model
from aliases import Batch, Config, Entry, Pick, Rng

Row = dict[str, Any]  # of one sample: its pick, whether it is open, and the figures of each picture by their names

OPEN = 0.05  # gap between the lips from which a mouth counts as open, eye distances; openFrom of dataset/measure is the same
SHUT = 0.35  # opening of the lids below which an eye counts as shut, of the neutral one
# What the samples that tell most are called, by region.
TELLING = {"mouth": "mouth open", "head": "mouth open", "eyes": "lids shut"}


def telling(region: str, sample: Entry) -> bool:
    """Whether geometry cannot know what a sample shows."""
    return sample["lids"] < SHUT if region == "eyes" else sample["open"] > OPEN


def as_float(batch: Batch) -> Batch:
    return [t.float() / 255 for t in batch]


def as_large(x: torch.Tensor, as_this: torch.Tensor) -> torch.Tensor:
    """The portrait at the size of the picture; gioconda-l's encoder sees it at half of it."""
    return x if x.shape == as_this.shape else F.interpolate(x, as_this.shape[2:], mode="bilinear", align_corners=False)


def ssim(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Structural similarity of luma, one value per pixel (Wang et al. 2004, Gaussian window of sigma 1.5)."""
    a, b = model.luma(a), model.luma(b)
    ma, mb = augment.gauss(a, 1.5), augment.gauss(b, 1.5)
    va, vb = augment.gauss(a * a, 1.5) - ma * ma, augment.gauss(b * b, 1.5) - mb * mb
    vab = augment.gauss(a * b, 1.5) - ma * mb
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return (2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))


def mean_over(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return (x * w).sum((1, 2, 3)) / (w.sum((1, 2, 3)) * x.shape[1] + 1e-6)


def energy(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    gx, gy = losses.slopes(x)
    return mean_over(gx ** 2, w[:, :, :, 1:]) + mean_over(gy ** 2, w[:, :, 1:])


def measure(x: torch.Tensor, true: torch.Tensor, maps: torch.Tensor) -> dict[str, torch.Tensor]:
    """Per sample, inside the mask and inside the lips."""
    m, inner = maps[:, data.MASK:data.MASK + 1], maps[:, data.INNER:data.INNER + 1]
    mse = mean_over((x - true) ** 2, m)
    return {"l1": mean_over((x - true).abs(), m), "psnr": -10 * torch.log10(mse + 1e-8), "ssim": mean_over(ssim(x, true), m),
            "energy": energy(x, m), "energy_true": energy(true, m),
            "inner_l1": mean_over((x - true).abs(), inner), "inner_energy": energy(x, inner), "inner_energy_true": energy(true, inner)}


class Judge:
    """Measures on samples of people that training never saw; painted: made to look like old paintings first."""

    def __init__(self, val: data.Samples, cfg: Config, painted: bool = False) -> None:
        self.val, self.cfg, self.painted = val, cfg, painted
        rng = np.random.default_rng(7)
        self.quick_picks = self.spread(rng, cfg["judge"]["quick"])
        self.sheet_picks = self.spread(rng, cfg["judge"]["sheet"], opened=True)

    def spread(self, rng: Rng, n: int, opened: bool = False) -> list[Pick]:
        """About n samples, people and kinds in turn; opened prefers open mouths."""
        by = {}
        for kind, f, k in self.val.flat:
            fo = self.val.folders[f]
            by.setdefault((kind, fo.sources[fo.samples[k]["source"]]["person"]), []).append((f, k))
        picks, keys = [], sorted(by)
        if not keys:
            return picks
        for i in range(n):
            some = by[keys[i % len(keys)]]
            tries = [some[rng.integers(len(some))] for _ in range(4 if opened else 1)]
            picks.append(max(tries, key=self.opening))
        return picks

    def opening(self, pick: Pick) -> float:
        """How much a sample shows of what geometry cannot know: shut lids or an open mouth."""
        sample = self.val.folders[pick[0]].samples[pick[1]]
        return -sample["lids"] if self.cfg["region"] == "eyes" else sample["open"]

    def paint(self, e: torch.nn.Module, g: torch.nn.Module, batch: Batch) -> torch.Tensor:
        geo, _, maps, src, smaps = batch
        with torch.no_grad():
            f = e(src, smaps)
            if not self.cfg["train"].get("encoder", True):
                f = [x * 0 for x in f]
            return (geo + g(geo, maps, *f)).clamp(0, 1)

    def batch(self, picks: Sequence[Pick]) -> Batch:
        batch = self.val.collect(picks)
        if not self.painted:
            return as_float(batch)
        calm = dict.fromkeys(("flip", "colour", "blur", "grain", "palette"), 0)
        return list(augment.apply(np.random.default_rng(5), {**self.cfg["augment"], **calm, "low_key": 1, "brush": 1}, batch))

    def rows(self, e: torch.nn.Module, g: torch.nn.Module, picks: Sequence[Pick]) -> list[Row]:
        """Metrics of every pick for the learned layer, the geometric layer and the still portrait."""
        out = []
        for at in range(0, len(picks), 16):
            part = picks[at:at + 16]
            batch = self.batch(part)
            geo, true, maps, src, _ = batch
            learned = self.paint(e, g, batch)
            results = {k: measure(x, true, maps) for k, x in (("learned", learned), ("geometric", geo), ("still", as_large(src, geo)))}
            for i, pick in enumerate(part):
                out.append({"pick": pick, "open": telling(self.cfg["region"], self.val.folders[pick[0]].samples[pick[1]]),
                            **{k: {n: float(v[i]) for n, v in r.items()} for k, r in results.items()}})
        return out

    def quick(self, e: torch.nn.Module, g: torch.nn.Module) -> dict[str, float]:
        if not self.quick_picks:
            return {}
        rows = self.rows(e, g, self.quick_picks)
        opened = [r for r in rows if r["open"]] or rows

        def mean(rs: list[Row], k: str, n: str) -> float:
            return float(np.mean([r[k][n] for r in rs]))

        return {"cut_all": round(1 - mean(rows, "learned", "l1") / mean(rows, "geometric", "l1"), 3),
                "cut_open": round(1 - mean(opened, "learned", "l1") / mean(opened, "geometric", "l1"), 3),
                "cut_inner": round(1 - mean(opened, "learned", "inner_l1") / mean(opened, "geometric", "inner_l1"), 3),
                "sharp": round(mean(opened, "learned", "inner_energy") / mean(opened, "learned", "inner_energy_true"), 3),
                "ssim": round(mean(opened, "learned", "ssim"), 3), "ssim_geo": round(mean(opened, "geometric", "ssim"), 3)}

    def sheet(self, path: str, e: torch.nn.Module, g: torch.nn.Module, picks: Sequence[Pick] | None = None, columns: int = 4) -> None:
        picks = picks or self.sheet_picks
        if not picks:
            return
        batch = self.batch(picks)
        learned = self.paint(e, g, batch)
        cells = torch.cat([as_large(batch[3], batch[0]), batch[0], learned, batch[1]], 3)  # side by side
        write_sheet(path, cells, columns)


def write_sheet(path: str, pictures: torch.Tensor, columns: int) -> None:
    cells = (pictures.clamp(0, 1) * 255 + 0.5).byte().permute(0, 2, 3, 1).numpy()
    n = (len(cells) + columns - 1) // columns
    h, w = cells.shape[1:3]
    sheet = np.zeros((n * (h + 4), columns * (w + 12), 3), np.uint8)
    for i, c in enumerate(cells):
        y, x = i // columns * (h + 4), i % columns * (w + 12)
        sheet[y:y + h, x:x + w] = c
    Image.fromarray(sheet).save(path)


def curves(history: list[dict[str, float]], path: str) -> None:
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    names = sorted({k for h in history for k in h} - {"step"})
    if not names:
        return
    fig, axes = plt.subplots((len(names) + 3) // 4, 4, figsize=(16, 3 * ((len(names) + 3) // 4)), squeeze=False)
    for ax, name in zip(axes.flat, names, strict=False):
        points = [(h["step"], h[name]) for h in history if name in h]
        ax.plot(*zip(*points, strict=True))
        ax.set_title(name)
    plt.tight_layout()  # of the newest figure: whether subplots gives one with these methods, its types do not say
    plt.savefig(path, dpi=70)
    plt.close(fig)
