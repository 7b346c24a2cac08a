#!/usr/bin/env python3
"""Measure checkpoints on people that training never saw.   evaluate.py CHECKPOINT ... --data DIR ... [--out DIR]

Prints a table: learned layer, geometric layer and still portrait against the true frames, inside the mask; open
mouths or shut lids, and the inside of the lips (between the lids), by themselves. With --out also sheets and figures.json.
"""
from __future__ import annotations

import argparse
import json
import os
from typing import Any

import numpy as np
import torch

import data
import report
import train
from aliases import Pick

# ruff: noqa: T201 - its tables are what this program is for


def load(checkpoint: str) -> tuple[dict[str, Any], train.Encoder, train.Generator]:
    """A checkpoint with the mean of its weights in place."""
    s = torch.load(checkpoint, map_location="cpu")
    e, g, _ = train.build(s["config"])
    torch.nn.ModuleList([e, g]).load_state_dict(s["mean"])
    return s, e.eval(), g.eval()


def summary(rows: list[report.Row]) -> dict[str, Any]:
    out: dict[str, Any] = {"samples": len(rows)}
    for k in ("learned", "geometric", "still"):
        mean = {n: float(np.mean([r[k][n] for r in rows])) for n in rows[0][k]}
        mean["sharpness"] = mean["energy"] / max(mean["energy_true"], 1e-9)
        mean["inner_sharpness"] = mean["inner_energy"] / max(mean["inner_energy_true"], 1e-9)
        out[k] = {n: round(mean[n], 4) for n in ("l1", "psnr", "ssim", "sharpness", "inner_l1", "inner_sharpness")}
    for n in ("l1", "inner_l1"):
        out[n + "_cut"] = round(1 - out["learned"][n] / max(out["geometric"][n], 1e-9), 3)
    return out


def neighbours(val: data.Samples, most: int) -> list[tuple[Pick, Pick]]:
    """Samples of one source whose frames follow each other."""
    by = {}
    for _, n, k in val.flat:
        f = val.folders[n]
        if not f.sources[f.samples[k]["source"]].get("still"):
            by[n, f.samples[k]["source"], f.samples[k]["frame"]] = k
    pairs = [((n, k), (n, by[n, src, frame + 1])) for (n, src, frame), k in by.items() if (n, src, frame + 1) in by]
    return pairs[::max(1, len(pairs) // most)]


def flicker(judge: report.Judge, e: torch.nn.Module, g: torch.nn.Module, most: int = 200) -> dict[str, float]:
    """How much more than the truth's the picture changes from one frame to the next, in the region's own pixels."""
    sums, count = {"learned": 0.0, "geometric": 0.0}, 0
    pairs = neighbours(judge.val, most)
    for at in range(0, len(pairs), 16):
        a, b = ([p[i] for p in pairs[at:at + 16]] for i in (0, 1))
        a, b = (report.as_float(judge.val.collect(x)) for x in (a, b))
        m = torch.minimum(a[2], b[2])[:, data.MASK:data.MASK + 1]
        moved = b[1] - a[1]
        for name, change in (("geometric", b[0] - a[0]), ("learned", judge.paint(e, g, b) - judge.paint(e, g, a))):
            sums[name] += float(report.mean_over((change - moved).abs(), m).sum())
        count += len(m)
    return {"pairs": count, **{k: round(v / max(count, 1), 5) for k, v in sums.items()}}


def show(name: str, s: dict[str, Any]) -> None:
    print(f"\n{name}: {s['samples']} samples, L1 cut {100 * s['l1_cut']:.1f} %, inside the lips {100 * s['inner_l1_cut']:.1f} %")
    print(f"{'':12}" + "".join(f"{n:>16}" for n in s["learned"]))
    for k in ("learned", "geometric", "still"):
        print(f"{k:12}" + "".join(f"{v:16.4f}" for v in s[k].values()))


def judge_one(checkpoint: str, a: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Prints and returns the figures of one checkpoint."""
    s, e, g = load(checkpoint)
    cfg = s["config"]
    region, telling = cfg["region"], report.TELLING[cfg["region"]]
    val = data.Samples(a.data, cfg, False)
    judge = report.Judge(val, cfg, a.painted)
    print(f"\n=== {region}, step {s['step']}, held out {val.describe()}")
    figures, rng = {"step": s["step"], "held_out": val.describe()}, np.random.default_rng(3)
    for kind in sorted(val.tree):
        picks = [(n, k) for c, n, k in val.flat if c == kind]
        rng.shuffle(picks)
        rows = judge.rows(e, g, picks[:a.limit])
        figures[kind] = summary(rows)
        show(kind, figures[kind])
        told = [r for r in rows if r["open"]]
        if told:
            name = f"{kind}, {telling}"
            figures[name] = summary(told)
            show(name, figures[name])
        if a.out:
            at = os.path.join(a.out, f"{region}-{kind}")
            worst = sorted(told or rows, key=lambda r: r["learned"]["l1"] / max(r["geometric"]["l1"], 1e-6))
            judge.sheet(at + "-worst.png", e, g, [tuple(r["pick"]) for r in worst[-24:]])
            judge.sheet(at + ".png", e, g, [tuple(r["pick"]) for r in (told or rows)[:40]])
    figures["flicker"] = flicker(judge, e, g)
    print("\nflicker: change between neighbouring frames less the truth's:", figures["flicker"])
    return region, figures


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoints", nargs="+")
    p.add_argument("--data", nargs="+", required=True)
    p.add_argument("--out")
    p.add_argument("--limit", type=int, default=600, help="samples of each kind at most")
    p.add_argument("--painted", action="store_true", help="make the held-out pictures look like old paintings first")
    a = p.parse_args()
    torch.set_num_threads(1)
    if a.out:
        os.makedirs(a.out, exist_ok=True)
    figures = dict(judge_one(c, a) for c in a.checkpoints)
    if a.out:
        with open(os.path.join(a.out, "figures.json"), "w") as f:
            json.dump(figures, f, indent=1)


if __name__ == "__main__":
    main()
