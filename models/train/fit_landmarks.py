#!/usr/bin/env python3
"""Find the tracker's landmarks on the rendered model.   fit_landmarks.py ICT_FACE.npz --gioconda BIN --work DIR

Renders calm and talking people, lets the tracker look at them (`gioconda dataset landmarks`) and puts every landmark
on the triangle that lies nearest to it over all pictures. Writes ict_landmarks.json, which heads.py reads: on rendered
heads the landmarks are then known exactly, where the tracker is off by pixels.
"""
from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np

import heads
import logs
from aliases import Array
from expressions import expressions

log = logging.getLogger("fit_landmarks")

INNER_LIPS = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95]
Spot = tuple[float, list[int], list[float]]  # cost in pixels, three vertices of the model, their weights
FAR = 8.0  # pixels; what is further off than this counts as this far, since the tracker also errs


def refine(target: Array, p: Array, vertex: int, tris: Array, weight: Array) -> Spot:
    """The best spot on the triangles around a vertex: vertices and weights. target: frames, 2; p: frames, vertices, 2."""
    best: Spot = (np.inf, [], [])
    for t in tris[(tris == vertex).any(1)]:
        a, b, c = (p[:, k] for k in t)
        grid = np.array([(i, j) for i in range(5) for j in range(5 - i)]) / 4.0
        for u, w in grid:
            at = a * (1 - u - w) + b * u + c * w
            cost = (np.minimum(np.linalg.norm(at - target, axis=1), FAR) * weight).sum()
            if cost < best[0]:
                best = (cost, t.tolist(), [round(1 - u - w, 3), u, w])
    return best


def fit(m: heads.Model, targets: Array, points: Array) -> Iterator[Spot]:
    """targets: frames, 478, 2; points: frames, vertices, 2, both in pixels. Yields cost, vertices, weights."""
    gap = np.linalg.norm(targets[:, 13] - targets[:, 14], axis=1)
    every = np.ones(len(targets)) / len(targets)
    opened = (gap > 8) / (gap > 8).sum()  # closed lips do not tell which of them a landmark is on
    face, eyes = (np.nonzero(m.part[k])[0] for k in ("face", "eyes"))
    for k in range(targets.shape[1]):
        some, weight = (eyes if k >= 468 else face), (opened if k in INNER_LIPS else every)
        d = np.linalg.norm(points[:, some] - targets[:, None, k], axis=2)
        cost = (np.minimum(d, FAR) * weight[:, None]).sum(0)
        yield refine(targets[:, k], points, int(some[cost.argmin()]), m.tris, weight)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model")
    p.add_argument("--gioconda", required=True, help="the program that tracks")
    p.add_argument("--work", required=True, help="folder for the pictures")
    p.add_argument("--people", type=int, default=14)
    a = p.parse_args()
    logs.to_stdout()
    size, frames, first = 512, 9, 900
    subprocess.run([sys.executable, heads.__file__, a.model, "--out", a.work, "--people", str(a.people), "--first", str(first),
                    "--frames", str(frames)], check=True)
    video = os.path.join(a.work, "video")
    subprocess.run([a.gioconda, "dataset", "landmarks", "--clips", video, "-o", os.path.join(a.work, "tracked")], check=True)
    m = heads.Model(a.model)
    targets, points = [], []
    for k in range(first, first + a.people):
        rng = np.random.default_rng([1, k])
        person = heads.Person(m, rng)
        with open(os.path.join(a.work, "tracked", f"head{k:03d}__rendered.mkv.landmarks.json")) as f:
            tracked = json.load(f)["frames"]
        for (weights, tongue, turn), seen in zip(expressions(m, rng, frames), tracked, strict=False):
            if seen and abs(turn[0]) < 0.25:
                targets.append(np.reshape(seen, (-1, 3))[:, :2] * size)
                points.append(person.pose(weights, tongue, turn, size)[2][:, :2])
    found = list(fit(m, np.array(targets), np.array(points)))
    costs = np.array([f[0] for f in found])
    log.info("%d pictures; mean distance %.2f pixels, worst landmark %d: %.2f", len(targets), costs.mean(), costs.argmax(), costs.max())
    with open(heads.SPOTS, "w") as f:
        json.dump({"vertices": [f[1] for f in found], "weights": [f[2] for f in found]}, f)


if __name__ == "__main__":
    main()
